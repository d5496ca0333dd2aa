"""The line at the foot of the window: load and state of the run at the left, the baseline at the right."""

from __future__ import annotations

from PySide6.QtWidgets import QStatusBar

from bench_ui.performance.cpu import CpuUsage
from bench_ui.widgets.elided_label import ElidedLabel
from bench_ui.widgets.number_format import BASELINE_MARK

_STATUS_TIP = (
    "workers: processes of this run · window lag: the longest delay of the window in the last two seconds · "
    "CPU: this window's share of one core · data plane: whether the loops of the run are compiled or in Python · "
    "the verdict says whether the reading can be trusted"
)
_BASELINE_TIP = (
    f"The baseline: its curves are dashed behind those of the shown run, its numbers follow a {BASELINE_MARK}"
)


class StatusLine:
    """Two labels in the status bar.

    Attributes:
        cpu: measures the processor time of the window between two calls of :meth:`show_status`.
    """

    def __init__(self, status_bar: QStatusBar) -> None:
        self.cpu = CpuUsage()
        self._status, self._baseline = _label(_STATUS_TIP), _label(_BASELINE_TIP)
        status_bar.addWidget(self._status, 1)
        status_bar.addPermanentWidget(self._baseline)

    def show_status(self, workers: int, loop_lag_ms: float, state: str, data_plane: str = "") -> None:
        """Show the figures of the window, the data plane of the run ("" if it is not known), and the state of the run:
        its phase, or its verdict when it has ended."""
        parts = [f"workers {workers}", f"window lag {loop_lag_ms:,.1f} ms", f"CPU {self.cpu.share():.0%}"]
        parts += [f"data plane {data_plane}"] if data_plane else []
        parts += [state] if state else []
        self._status.setText("  ·  ".join(parts))

    def show_baseline(self, text: str) -> None:
        """Name the baseline; "" if there is none."""
        self._baseline.setText(text)

    @property
    def status(self) -> str:
        """The text at the left."""
        return self._status.text()

    @property
    def baseline(self) -> str:
        """The text at the right."""
        return self._baseline.text()


def _label(tip: str) -> ElidedLabel:
    label = ElidedLabel("")
    label.setContentsMargins(8, 0, 8, 0)
    label.setToolTip(tip)
    return label
