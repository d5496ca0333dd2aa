"""One line under the head: what loses events and what would help, with Apply and Why. Advice -> **line** -> window."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolBar, QToolButton, QWidget

from bench_app.advice.advice import Advice
from bench_ui.widgets.elided_label import whole_words
from bench_ui.widgets.plain_text import PlainLabel, plain_tip

NO_ADVICE = "No advice: nothing is lost, or no rule explains it"
"""The accessible name of the hidden line."""


class AdviceLine(QToolBar):
    """Shows one advice, or nothing. Its buttons emit signals, and the window carries them out.

    Attributes:
        apply: the button that sets the values; hidden if no setting would help.
        why: the button that opens the page of the documentation.
        advice: the advice shown; None if the line is hidden.
    """

    apply_wanted = Signal()
    why_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Advice", parent)
        self.setObjectName("advice")
        self.setMovable(False)
        # The line comes and goes by itself, so the menu of the tool bars must not hide it.
        self.toggleViewAction().setVisible(False)
        self.advice: Advice | None = None
        # Without icons, the line is as high as its buttons.
        self.setIconSize(QSize(1, 1))
        self._loss, self._text = PlainLabel(), _FittingLabel()
        self._loss.setObjectName("loss")
        self._loss.setContentsMargins(6, 0, 0, 0)
        self.apply = self._button("Apply")
        self.apply.clicked.connect(lambda _=False: self.apply_wanted.emit())
        self.why = self._button("Why")
        self.why.setToolTip("Open the page that explains the sum")
        self.why.clicked.connect(lambda _=False: self.why_wanted.emit())
        self.addWidget(self._loss)
        self.addWidget(self._text)
        self._apply_action = self.addWidget(self.apply)
        self.addWidget(self.why)
        self.setAccessibleName(NO_ADVICE)
        self.hide()

    def show_advice(self, advice: Advice | None) -> None:
        """Show an advice; None hides the line."""
        if advice != self.advice:
            self.advice = advice
            self._show_texts(advice)
        self.setVisible(advice is not None)

    @property
    def text(self) -> str:
        """The whole advice; "" if there is none."""
        return "" if self.advice is None else self.advice.message

    def _show_texts(self, advice: Advice | None) -> None:
        self.setAccessibleName(NO_ADVICE if advice is None else advice.message)
        if advice is None:
            return
        bent = "Reading bent. " if advice.caveat else ""
        self._loss.setText(f"{bent}{advice.unit}: {advice.loss}")
        self._loss.setToolTip(plain_tip(advice.caveat))
        self._text.show_texts(*advice.texts)
        self._text.setToolTip(plain_tip(advice.message))
        self._apply_action.setVisible(bool(advice.proposal))
        self.apply.setToolTip(plain_tip("Set, in the preset and in the run:\n" + "\n".join(advice.settings)))

    def _button(self, text: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setAccessibleName(f"{text} (advice)")
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button


class _FittingLabel(PlainLabel):
    """The first of several texts that has room in one line; if none has, the first that has room in two lines.

    If none has, the last text is cut at its end.
    """

    def __init__(self) -> None:
        super().__init__()
        self._texts: tuple[str, ...] = ("",)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(1)

    def show_texts(self, *texts: str) -> None:
        """Show one of these texts; the longest comes first."""
        self._texts = texts
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Fit the text to the new width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Choose the text and the number of lines for the width."""
        metrics, width = self.fontMetrics(), self.width()
        line = metrics.lineSpacing()
        shown = next((text for text in self._texts if metrics.horizontalAdvance(text) <= width), None)
        lines = 1 if shown is not None else 2
        if shown is None:
            room = QRect(0, 0, width, 10 * line)
            wrapped = (text for text in self._texts if _height(metrics, room, text) <= 2 * line)
            shown = next(wrapped, None)
        if shown is None:
            # Two lines have room for less than twice the width, because words are not divided.
            shown = whole_words(self._texts[-1], metrics, 1.8 * width)
        if self.height() != lines * line:
            self.setFixedHeight(lines * line)
        if shown != self.text():
            self.setText(shown)


def _height(metrics: QFontMetrics, room: QRect, text: str) -> int:
    return metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, text).height()
