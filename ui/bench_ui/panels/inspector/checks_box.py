"""The box in which the user writes the checks of a preset, with the names that fit: document <-> **checks box**."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from PySide6.QtCore import QEvent, QStringListModel, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QCompleter, QListView, QPlainTextEdit

from bench_app.model import Preset
from bench_app.preset.defaults import listeners_of
from bench_app.preset.metrics import HANDLER_METRICS, LISTENER_METRICS, METRICS, fits
from bench_ui.widgets.plain_text import plain_tip

_TIP = plain_tip(
    "A check a line: metric, operator, number; before it the handler or handler/listener, and a colon. "
    "Names that fit are proposed as you type, or with Ctrl+Space. Metrics: "
    + ", ".join(sorted(metric for metric in METRICS if "." not in metric))
    + ", latency.service.p99_ms (also response, lateness, round_trip; p50_ms to p99_99_ms, mean_ms, max_ms)"
)
_LEAST_HEIGHT = 80
_SCOPE = ": "
_BEGUN = re.compile(r"[^\s:]*$")
"""What the user has typed of a name."""
_FOR_COMPLETER = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Escape)


class ChecksBox(QPlainTextEdit):
    """The checks, one a line. They are entered when the focus leaves the box; Esc takes them back.

    Attributes:
        completer: proposes the names of handlers, listeners and metrics.
    """

    entered = Signal(object)
    """With the list of other checks."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("field")
        self.setAccessibleName("Checks, one a line")
        self.setPlaceholderText("drops == 0\nlatency.response.p99_ms < 5")
        self.setToolTip(_TIP)
        self.setTabChangesFocus(True)
        self.setMinimumHeight(_LEAST_HEIGHT)
        self._shown: list[str] = []
        self._scopes: dict[str, list[str]] = {}
        """The metrics of each handler and each listener; "" has those of all together."""
        self._names = QStringListModel(self)
        self.completer = QCompleter(self._names, self)
        self._popup = QListView()
        self.completer.setPopup(self._popup)
        self.completer.setWidget(self)
        self.completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.completer.activated.connect(self._complete)

    @property
    def lines(self) -> list[str]:
        """The checks in the box."""
        return [line.strip() for line in self.toPlainText().splitlines() if line.strip()]

    def show_checks(self, preset: Preset) -> None:
        """Show the checks of a document. What the user is typing stays."""
        self._scopes = dict(_scopes(preset))
        checks = list(preset.bench.checks)
        if checks != self._shown:
            self._shown = checks
            if self.lines != self._shown:
                self.setPlainText("\n".join(checks))

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        """Enter the checks."""
        super().focusOutEvent(event)
        self._enter()

    def event(self, event: QEvent) -> bool:
        """Take the checks back with Esc, which is also a key of the window.

        While the list of proposed names is open, Tab, Return and Esc are keys of that list. Without this method, Qt
        would take Tab to the next field before the list sees the key.
        """
        if isinstance(event, QKeyEvent) and event.key() in _FOR_COMPLETER and self._proposes:
            event.ignore()
            return True
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if is_escape and self.lines != self._shown:
            if event.type() == QEvent.Type.KeyPress:
                self.setPlainText("\n".join(self._shown))
                self._enter()
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Type, and propose what the name may become."""
        is_asked = event.key() == Qt.Key.Key_Space and event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if not is_asked:
            super().keyPressEvent(event)
        if is_asked or event.text().strip() or event.key() == Qt.Key.Key_Backspace:
            self._propose(is_asked)

    @property
    def _proposes(self) -> bool:
        return self._popup.isVisible()

    def _propose(self, is_asked: bool) -> None:
        """Propose the names that contain what was typed before the cursor."""
        line = self.textCursor().block().text()[: self.textCursor().positionInBlock()]
        begun = _BEGUN.search(line)
        assert begun is not None
        typed, before = begun[0], line[: begun.start()].strip()
        scope, popup = before.removesuffix(":").strip(), self._popup
        is_place = not before or (before.endswith(":") and scope in self._scopes)
        names = self._scopes.get(scope if before else "", []) if is_place else []
        if not before:
            names = [*names, *(f"{name}{_SCOPE}" for name in self._scopes if name)]
        if not names or not (typed or is_asked) or typed in names:
            popup.hide()
            return
        self._names.setStringList(names)
        self.completer.setCompletionPrefix(typed)
        if not self.completer.completionCount():
            popup.hide()
            return
        popup.setCurrentIndex(self.completer.completionModel().index(0, 0))
        place = self.cursorRect()
        place.setWidth(
            popup.sizeHintForColumn(0) + 4 * popup.frameWidth() + popup.verticalScrollBar().sizeHint().width()
        )
        self.completer.complete(place)

    def _complete(self, name: str) -> None:
        """Put a proposed name in place of what was typed of it."""
        cursor = self.textCursor()
        typed = len(self.completer.completionPrefix())
        cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, typed)
        cursor.insertText(name)
        self.setTextCursor(cursor)

    def _enter(self) -> None:
        self.entered.emit(self.lines)


def _scopes(preset: Preset) -> Iterator[tuple[str, list[str]]]:
    """The metrics of each handler and each listener by name, and of all together by ""."""
    everything: set[str] = set()
    for name, spec in preset.output.handlers.items():
        types = spec.config.socket_type
        for scope, metrics in (
            (name, HANDLER_METRICS | LISTENER_METRICS),
            *((f"{name}/{one.name}", LISTENER_METRICS) for one in listeners_of(preset, name)),
        ):
            fitting = _sorted(metric for metric in metrics if fits(metric, types))
            everything.update(fitting)
            yield scope, fitting
    yield "", _sorted(everything)


def _sorted(metrics: Sequence[str] | set[str] | Iterator[str]) -> list[str]:
    """Counters first, then latencies."""
    return sorted(metrics, key=lambda metric: ("." in metric, metric.removesuffix("_ms")))
