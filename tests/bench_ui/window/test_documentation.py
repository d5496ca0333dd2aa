"""The documentation of the Help menu."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from bench_ui.window.documentation import NO_BROWSER, NOT_BUILT, show_documentation, start_page
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot


class Browser(QObject):
    """Takes the place of the user's browser."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[QUrl] = []

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.opened.append(url)


@pytest.fixture
def browser(qtbot: QtBot) -> Iterator[Browser]:
    found = Browser()
    QDesktopServices.setUrlHandler("file", found, "open")
    yield found
    QDesktopServices.unsetUrlHandler("file")


def made(page: Path) -> Path:
    page.parent.mkdir(parents=True)
    page.touch()
    return page


def test_a_package_has_the_site_in_it_and_a_checkout_beside_it(tmp_path: Path) -> None:
    package = tmp_path / "bench_app"
    assert start_page(package) is None
    in_checkout = made(tmp_path / "build" / "docs" / "index.html")
    assert start_page(package) == in_checkout
    in_package = made(package / "site" / "index.html")
    assert start_page(package) == in_package


def test_the_site_is_opened_from_the_file(tmp_path: Path, browser: Browser) -> None:
    page = made(tmp_path / "bench_app" / "site" / "index.html")
    messages: list[str] = []
    show_documentation(messages.append, tmp_path / "bench_app")
    assert [url.toLocalFile() for url in browser.opened] == [str(page)]
    assert messages == []


def test_a_heading_of_a_page_is_opened(tmp_path: Path, browser: Browser) -> None:
    start = made(tmp_path / "bench_app" / "site" / "index.html")
    page = made(start.parent / "explanation" / "adviser.html")
    show_documentation(
        lambda text: None, tmp_path / "bench_app", page="explanation/adviser.html", heading="slow-consumer"
    )
    show_documentation(lambda text: None, tmp_path / "bench_app", page="explanation/not-built.html")
    assert [url.toLocalFile() for url in browser.opened] == [str(page), str(start)]
    assert browser.opened[0].fragment() == "slow-consumer"


def test_the_user_reads_why_there_is_nothing_to_open(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages: list[str] = []
    show_documentation(messages.append, tmp_path / "bench_app")
    page = made(tmp_path / "bench_app" / "site" / "index.html")
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: False)
    show_documentation(messages.append, tmp_path / "bench_app")
    assert messages == [NOT_BUILT, NO_BROWSER.format(page)]
