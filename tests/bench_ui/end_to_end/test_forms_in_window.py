"""The forms of the inspector in the window: faults, and a field for each key."""

from __future__ import annotations

from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget

from bench_app.model import HandlerBench, ListenerSpec
from tests.bench_ui.driving import (
    InWindow,
    click,
    open_preset,
    three_patterns,
)
from tests.runs import preset


def test_wrong_input_is_marked_at_the_field_and_never_applied(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}))
        page = next(iter(window.panels.inspector.handler_pages.values()))
        before = window.bench.editor.document
        uri = page.spec.widget("uri")
        assert isinstance(uri, QLineEdit)
        uri.setFocus()
        uri.selectAll()
        QTest.keyClicks(uri, "http://nowhere")
        QTest.keyClick(uri, Qt.Key.Key_Return)
        assert window.bench.editor.document is before
        assert uri.property("fault")
        faults = [label.text() for label in page.spec.findChildren(QWidget, "fault") if label.text()]  # type: ignore[attr-defined]
        assert any("zmq://" in text for text in faults)
        # The run would use another value than the field shows.
        click(window.panels.run_bar.start)
        assert not window.bench.run.running and "Not started: URI" in window.panels.banner.text()
        QTest.keyClick(uri, Qt.Key.Key_Escape)
        assert window.panels.inspector.fault == ""
        duration = window.panels.run_bar.duration
        duration.setFocus()
        duration.selectAll()
        QTest.keyClicks(duration, "2,5")
        QTest.keyClick(duration, Qt.Key.Key_Return)
        click(window.panels.run_bar.start)
        assert not window.bench.run.running and "Not started: Duration" in window.panels.banner.text()

    in_window(scenario)


def test_every_key_of_the_bench_has_a_field_somewhere(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, three_patterns())
        of_handlers, of_listeners = set(), set()
        for name in ("h", "push", "req"):
            window.panels.handlers.select(name)
        for page in window.panels.inspector.handler_pages.values():
            of_handlers |= {*page.bench.fields, *page.connection.fields}
        for listener_page in window.panels.inspector.listener_pages.values():
            of_listeners |= {*listener_page.form.fields, *listener_page.connection.fields}
        assert of_handlers == set(HandlerBench.__struct_fields__)
        # A listener is renamed in the tree, so its name has no field.
        assert of_listeners == set(ListenerSpec.__struct_fields__) - {"name"}

    in_window(scenario)
