"""The figures of a run under way have the keys of a result, so that checks and captions read them."""

from __future__ import annotations

from bench_app.engine.check_evaluation import evaluate, read_value
from bench_app.engine.live_figures import live_figures, with_increases
from bench_app.measure.clock import NS_PER_S
from bench_app.preset.checks import METRICS, parse_check, parse_reading
from bench_app.preset.metrics import HANDLER_STEP_METRICS, LISTENER_STEP_METRICS, fits
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


def test_every_metric_of_a_step_is_among_the_figures(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await stage.bring_up()
        figures = with_increases(live_figures(stage.run), {})
        for scope, metrics in (("h", HANDLER_STEP_METRICS), ("h/a", LISTENER_STEP_METRICS)):
            for metric in metrics:
                if fits(metric.removeprefix("new."), "PUB"):
                    assert evaluate(parse_check(f"{scope}: {metric} == 0", KNOWN, in_run=True), figures).passed, metric

    play(PUB, act)


def test_a_step_reads_what_is_new_and_the_rate_of_the_last_second(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await stage.bring_up()

        def read(text: str) -> int | float | None:
            figures = with_increases(live_figures(stage.run), before)
            return read_value(parse_reading(text, KNOWN, in_run=True), figures)

        before = live_figures(stage.run)
        listener = stage.listeners[1]
        for second in (1, 2):
            stage.handler.take(
                handler_report(stage.handler, second * NS_PER_S, offered=1000 * second, accepted=900 * second)
            )
            listener.take(listener_report(listener, second * NS_PER_S, received=300 * second))
        assert (read("h: new.offered"), read("h/b: new.received"), read("h/b: rate_now")) == (2000, 600, 300)
        before = live_figures(stage.run)
        assert (read("h: new.accepted"), read("h: rate_now")) == (0, 900)
        listener.kills += 1
        assert read("h/b: rate_now") == 0, "a worker that was killed receives nothing"
        listener.restarts += 1
        listener.take(listener_report(listener, 3 * NS_PER_S, received=600))
        assert read("h/b: rate_now") == 0, "what the worker before has received does not count"
        listener.take(listener_report(listener, 4 * NS_PER_S, received=650))
        assert read("h/b: rate_now") == 50

    play(PUB, act)


def test_a_handler_that_restarted_counts_from_zero() -> None:
    def handler(offered: int) -> dict[str, object]:
        return {"h": {"offered": offered, "listeners": {}}}

    assert with_increases(handler(3), handler(10))["h"]["new.offered"] == 3
