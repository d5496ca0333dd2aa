"""The plots of the board: all kinds of plots -> **plot set** -> board.

To import this module imports pyqtgraph, which takes half a second.
"""

from __future__ import annotations

from bench_ui.plots.distribution import DistributionPlot
from bench_ui.plots.drops import DropsPlot
from bench_ui.plots.latency import LatencyPlot
from bench_ui.plots.machine import MachineLane
from bench_ui.plots.plot import Plot
from bench_ui.plots.queue import QueuePlot
from bench_ui.plots.throughput import ThroughputPlot
from bench_ui.plots.time_window import TimeWindow

TimePlot = LatencyPlot | ThroughputPlot | DropsPlot | QueuePlot | MachineLane
"""A plot over the time of the run. A new one needs a module of its own, an entry here, and a place on the board."""


class PlotSet:
    """One plot of each kind.

    Attributes:
        latency, throughput, drops, queue, machine: the plots over the time of the run.
        distribution: the plot of latency by percentile.
    """

    def __init__(self, time: TimeWindow) -> None:
        self.latency = LatencyPlot(time)
        self.throughput = ThroughputPlot(time)
        self.drops = DropsPlot(time)
        self.queue = QueuePlot(time)
        self.machine = MachineLane(time)
        self.distribution = DistributionPlot()

    @property
    def over_time(self) -> tuple[TimePlot, ...]:
        """The plots over the time of the run."""
        return (self.latency, self.throughput, self.drops, self.queue, self.machine)

    @property
    def all(self) -> tuple[Plot, ...]:
        """All plots."""
        return (*self.over_time, self.distribution)
