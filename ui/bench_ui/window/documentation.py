"""The Help menu's documentation: finds the built site on this machine and shows it in the user's browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

import bench_app

NOT_BUILT = "The documentation is not built here: run make docs, or read the pages in the folder docs of the repository"
NO_BROWSER = "No browser could be opened. The documentation is in {}"
_PACKAGE = Path(bench_app.__file__).parent


def start_page(package: Path = _PACKAGE) -> Path | None:
    """The start page of the built site; None if there is none.

    A package has the site in it if it was built after ``make docs``. A checkout has it where ``make docs`` puts it.
    """
    pages = [package / "site" / "index.html", package.parent / "build" / "docs" / "index.html"]
    return next((page for page in pages if page.is_file()), None)


def show_documentation(
    show_message: Callable[[str], None], package: Path = _PACKAGE, page: str = "", heading: str = ""
) -> None:
    """Open the site in the browser, without the network; or say why there is nothing to open.

    ``page`` is a file of the site, and ``heading`` the name of a heading on it; without them the start page is opened.
    """
    start = start_page(package)
    if start is None:
        show_message(NOT_BUILT)
        return
    # A site that was built before the page was written does not have it.
    file = start.parent / page if page and (start.parent / page).is_file() else start
    url = QUrl.fromLocalFile(str(file))
    if heading:
        url.setFragment(heading)
    if not QDesktopServices.openUrl(url):
        show_message(NO_BROWSER.format(file))
