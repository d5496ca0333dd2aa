"""The three numbers of a run that one looks at first: rate, p99 and drops."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from bench_ui.widgets import number_format
from bench_ui.widgets.fixed_text import FixedWidthText
from bench_ui.widgets.theme import LIGHT, Theme, figure_font


class RunNumbers(QWidget):
    """``rate``, ``p99`` and ``lost`` in a row. ``lost`` is coloured as soon as an event is lost."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self.rate = FixedWidthText("000,000/s", "Events offered a second, over the last second")
        self.p99 = FixedWidthText("p99 00.00 ms", "99 % of the messages of the last 0.2 s took no longer")
        self.lost = FixedWidthText(
            "000,000 drops", "Events that did not arrive, all causes together: the strip has each"
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(8)
        for text in (self.rate, self.p99, self.lost):
            row.addWidget(text)

    def set_scale(self, scale: float) -> None:
        """The size of the numbers in proportion to normal text."""
        for text in (self.rate, self.p99, self.lost):
            text.setFont(figure_font(self.font(), scale, bold=True))

    def show_theme(self, theme: Theme) -> None:
        """Light or dark."""
        self._theme = theme
        self._show_lost(self.lost.text)

    def show_numbers(self, rate: float, p99_ns: float | None, lost: int, measure: str, over: bool) -> None:
        """Show all three. ``over``: they are about a whole finished run."""
        self.rate.show_text(number_format.rate(rate))
        self.rate.setToolTip(f"Events offered a second, {'mean of the run' if over else 'over the last second'}")
        self.show_p99(p99_ns)
        span = "run" if over else "last 0.2 s"
        self.p99.setToolTip(f"99 % of the messages of the {span} took no longer ({measure.replace('_', ' ')})")
        self._show_lost(f"{lost:,} drops")

    def show_p99(self, p99_ns: float | None) -> None:
        """Show the p99 alone; None is unknown."""
        self.p99.show_text(f"p99 {number_format.duration_ns(p99_ns)}")

    def _show_lost(self, text: str) -> None:
        any_lost = text not in ("0 drops", "")
        self.lost.show_text(text, self._theme.color("lost") if any_lost else None)
