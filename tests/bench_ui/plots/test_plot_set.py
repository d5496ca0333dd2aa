from bench_ui.plots.plot_set import PlotSet
from bench_ui.plots.time_window import TimeWindow
from pytestqt.qtbot import QtBot


def test_the_distribution_is_the_only_plot_without_the_time_of_the_run(qtbot: QtBot) -> None:
    plots = PlotSet(TimeWindow())
    for plot in plots.all:
        qtbot.addWidget(plot)
    assert set(plots.all) - set(plots.over_time) == {plots.distribution}
