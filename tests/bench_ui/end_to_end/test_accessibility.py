"""Each control has a name and takes the keyboard, and each number is explained."""

from __future__ import annotations

from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QTableView, QWidget

from tests.bench_ui.driving import (
    InWindow,
    open_preset,
    three_patterns,
    until_ended,
    until_running,
)

TOOLTIP = Qt.ItemDataRole.ToolTipRole


def test_every_control_has_a_name_and_takes_the_keyboard(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, three_patterns())
        window.panels.handlers.select("h")
        kinds = (QAbstractButton, QLineEdit)
        found = [child for kind in kinds for child in window.findChildren(kind)]
        # The button inside a line edit that clears it needs no focus: keys of the line edit do the same. The button in
        # the corner of a table, which is never shown, is Qt's own; older versions of Qt give it no name.
        controls = [child for child in found if not isinstance(child.parentWidget(), QLineEdit | QTableView)]
        own_parts = ("qt_", "Scroll")
        nameless = [
            f"{type(one).__name__} {one.objectName()} in {type(one.parentWidget()).__name__}"
            for one in controls
            if not one.objectName().startswith(own_parts)
            and not (one.accessibleName() or (isinstance(one, QAbstractButton) and one.text()))
        ]
        assert nameless == []
        mute = [
            one.accessibleName()
            for one in controls
            if not one.objectName().startswith(own_parts) and one.focusPolicy() == Qt.FocusPolicy.NoFocus
        ]
        assert mute == []

    in_window(scenario)


def test_every_number_on_screen_says_what_it_counts(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, three_patterns(duration_s=1.5))
        window.bench.start()
        await until_running(window)
        for tab in range(window.panel_layout.tabs.count()):
            window.panel_layout.tabs.setCurrentIndex(tab)
            for tab_right in range(window.panels.inspector.count()):
                window.panels.inspector.setCurrentIndex(tab_right)
                shown = [
                    w for w in window.findChildren(QWidget) if w.isVisible() and any(map(str.isdigit, shown_text(w)))
                ]
                assert len(shown) > 5
                silent = [f"{type(w).__name__} {shown_text(w)!r}" for w in shown if not has_tooltip(w)]
                assert not silent
        window.bench.run.stop()
        await until_ended(window)
        for view in (window.panels.ledger.view, window.panels.runs.view):
            model = view.model()
            tips = [model.headerData(c, Qt.Orientation.Horizontal, TOOLTIP) for c in range(model.columnCount())]
            assert all(tips[1:]), tips

    in_window(scenario)


def shown_text(widget: QWidget) -> str:
    """The text of a widget; "" for a title, which is the name of something."""
    if widget.objectName() == "title":
        return ""
    text = getattr(widget, "text", "")
    return str(text() if callable(text) else text)


def has_tooltip(widget: QWidget | None) -> bool:
    """Whether the widget, or one that it is a part of, has a tooltip."""
    while widget is not None and not isinstance(widget, MainWindow):
        if widget.toolTip():
            return True
        widget = widget.parentWidget()
    return False
