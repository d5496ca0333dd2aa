"""The figures of a run under way have the keys of a result, so that checks and captions read them."""

from __future__ import annotations

from bench_app.engine.check_evaluation import evaluate, read_value
from bench_app.engine.live_figures import live_figures
from bench_app.preset.checks import METRICS, parse_check, parse_reading
from bench_app.preset.metrics import fits
from tests.engine.stage import Play, Stage
from tests.engine.units import handler_report, listener_report
from tests.runs import preset

PUB = preset({"socket_type": "PUB", "topic": "t"}, handler={"mode": "bind"}, listeners=[{"name": "a"}, {"name": "b"}])
KNOWN = {"h": ["a", "b"]}


def test_every_metric_of_a_check_is_among_the_figures(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await stage.bring_up()
        figures = live_figures(stage.run)
        for metric in METRICS:
            if fits(metric, "PUB") and not metric.startswith("latency."):
                assert evaluate(parse_check(f"{metric} >= 0", KNOWN), figures).passed, metric

    play(PUB, act)


def test_the_figures_are_those_of_the_last_reports(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await stage.bring_up()
        stage.handler.take(handler_report(stage.handler, offered=10, accepted=10))
        for listener, received in zip(stage.listeners, (10, 4), strict=True):
            listener.take(listener_report(listener, received=received))
        figures = live_figures(stage.run)
        assert read_value(parse_reading("h: accepted", KNOWN), figures) == 10
        assert read_value(parse_reading("h/b: received", KNOWN), figures) == 4
        assert read_value(parse_reading("h: received", KNOWN), figures) == 14, "the sum over the listeners"
        assert read_value(parse_reading("h/b: latency.service.p99_ms", KNOWN), figures) is None

    play(PUB, act)
