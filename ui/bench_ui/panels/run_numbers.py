"""The three most important numbers of a run: rate, p99 and drops."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QWidget

from bench_ui.widgets import number_format
from bench_ui.widgets.fixed_text import FixedWidthText
from bench_ui.widgets.theme import GRID, LIGHT, Theme, figure_font

_LOST_TIP = "Events that did not arrive, by all causes together; the flow strip shows each cause"
_BEFORE_JOIN_TIP = "Messages that were sent before a consumer had subscribed. Nothing else is lost."


class RunNumbers(QWidget):
    """The three numbers in a row.

    Attributes:
        rate: events offered a second.
        p99: the latency that 99 % of the messages did not exceed.
        lost: the drops by all causes together, coloured if there are any; or how many messages nobody could get yet.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._lost: int | None = None
        """The drops shown; None before the first number."""
        self._before_join = 0
        self._p99_ns: float | None = None
        self._hides_unknown = False
        self.rate = FixedWidthText("000,000/s", "Events offered a second, over the last second")
        self.p99 = FixedWidthText("p99 00.00 ms", "99 % of the messages of the last 0.2 s took no longer")
        self.lost = FixedWidthText("00.0k before join", _LOST_TIP)
        self._left_out: set[FixedWidthText] = set()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, GRID, 0)
        row.setSpacing(GRID)
        for text in (self.rate, self.p99, self.lost):
            row.addWidget(text)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Room for the numbers that are not left out. The hint of the layout would be that of a moment ago."""
        texts = [text for text in (self.rate, self.p99, self.lost) if text not in self._left_out]
        return QSize(sum(map(_width_of, texts)), max(text.sizeHint().height() for text in texts))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """The same."""
        return self.sizeHint()

    def leave_out(self, text: FixedWidthText) -> int:
        """Do not show this number; returns the width that becomes free."""
        self._left_out.add(text)
        text.hide()
        return _width_of(text)

    def show_all(self) -> None:
        """Show the numbers that were left out."""
        # To show a text may lay out the bar anew, which leaves texts out again.
        left_out, self._left_out = self._left_out, set()
        for text in left_out:
            text.setHidden(text in self._left_out)

    def set_scale(self, scale: float, hides_unknown: bool = False) -> None:
        """The size of the numbers in proportion to normal text. ``hides_unknown``: show no p99 that is not known."""
        self._hides_unknown = hides_unknown
        if self._lost is not None:
            self.show_p99(self._p99_ns)
        for text in (self.rate, self.p99, self.lost):
            text.setFont(figure_font(self.font(), scale, bold=True))

    def show_theme(self, theme: Theme) -> None:
        """Light or dark."""
        self._theme = theme
        if self._lost is not None:
            self._show_lost(self._lost)

    def show_numbers(
        self, rate: float, p99_ns: float | None, lost: int, measure: str, over: bool, before_join: int = 0
    ) -> None:
        """Show all three. ``over``: they are about a whole finished run.

        ``before_join`` of the ``lost`` messages were sent before a consumer had subscribed.
        """
        self.rate.show_text(number_format.rate(rate))
        self.rate.setToolTip(f"Events offered a second, {'mean of the run' if over else 'over the last second'}")
        self.show_p99(p99_ns)
        span = "run" if over else "last 0.2 s"
        self.p99.setToolTip(f"99 % of the messages of the {span} took no longer ({measure.replace('_', ' ')})")
        self._before_join = before_join
        self._show_lost(lost)

    def explain_lost(self, text: str) -> None:
        """Say in the tooltip of the drops how a part of them is known; "" if gaps show all of them."""
        tip = _BEFORE_JOIN_TIP if self._is_unjoined else _LOST_TIP
        self.lost.setToolTip(f"{tip}\n{text}" if text else tip)

    @property
    def _is_unjoined(self) -> bool:
        """True if all that is lost was sent before a consumer had subscribed: that is no drop of anything."""
        return bool(self._lost) and self._lost == self._before_join

    def show_p99(self, p99_ns: float | None) -> None:
        """Show the p99 alone; None is unknown."""
        self._p99_ns = p99_ns
        duration = number_format.duration_ns(p99_ns)
        is_hidden = duration == number_format.NOTHING and self._hides_unknown
        self.p99.show_text("" if is_hidden else f"p99 {duration}")

    def _show_lost(self, lost: int) -> None:
        self._lost = lost
        if self._is_unjoined:
            self.lost.show_text(f"{_count(lost)} before join", self._theme.color("before_join"))
            return
        self.lost.show_text(f"{lost:,} drops", self._theme.color("lost") if lost else None)


def _width_of(text: FixedWidthText) -> int:
    return text.sizeHint().width() + GRID


def _count(count: int) -> str:
    return f"{count:,}" if count < 10_000 else number_format.short(count)
