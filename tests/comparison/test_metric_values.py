from __future__ import annotations

import pytest

from bench_app.comparison.metric_values import MAIN_METRICS, format_figure, is_worse, metric_values, unit_of
from bench_app.errors import InputError
from bench_app.preset.metrics import METRICS
from tests.comparison.results import handler, listener, result


def test_a_metric_without_a_scope_has_the_worst_value() -> None:
    run = result(pub=handler(fast=listener(100), slow=listener(400, lost=50)))
    values = metric_values(run)
    assert values["latency.service.p50_ms"] == 0.4
    assert values["rate"] == 95.0
    assert values["received"] == 950
    assert values["lost"] == 50


def test_metrics_of_each_listener_are_there_where_there_are_several() -> None:
    values = metric_values(result(pub=handler(fast=listener(100), slow=listener(400))))
    assert values["pub/fast: latency.service.p50_ms"] == 0.1
    assert values["pub/slow: latency.service.p50_ms"] == 0.4
    alone = metric_values(result())
    assert [name for name in alone if "latency" in name and ":" in name] == []
    scoped = {name for name in alone if ":" in name}
    assert scoped == {"pub: rate", "pub/sub: rate", "pub: lost", "pub/sub: lost"}
    assert set(alone) - scoped <= METRICS


def test_wanted_metrics_alone_are_given_under_the_names_that_were_asked_for() -> None:
    run = result(pub=handler(fast=listener(100), slow=listener(400)))
    wanted = ["pub/slow: latency.response.p99_ms", "drops"]
    assert metric_values(run, wanted) == {"pub/slow: latency.response.p99_ms": 2.4, "drops": 0}


@pytest.mark.parametrize("wanted", ["latency.service.p51_ms", "nobody: rate", "rate > 5", ""])
def test_what_is_no_metric_is_refused(wanted: str) -> None:
    with pytest.raises(InputError, match="is no metric"):
        metric_values(result(), [wanted])


def test_a_latency_without_samples_has_no_value() -> None:
    assert "latency.round_trip.p50_ms" not in metric_values(result())


def test_all_main_metrics_are_metrics_of_checks() -> None:
    assert set(MAIN_METRICS) <= METRICS


def test_units_and_directions() -> None:
    assert [unit_of(name) for name in ("a: latency.service.max_ms", "a/b: rate", "drops")] == ["ms", "/s", ""]
    assert is_worse("a: rate", -1) and is_worse("drops", 1)
    assert not is_worse("rate", 1) and not is_worse("latency.service.p50_ms", -1)


def test_figures_have_units() -> None:
    assert format_figure("latency.service.p50_ms", 0.12345) == "0.123 ms"
    assert format_figure("drops", 1234.0, signed=True) == "+1,234"
    assert format_figure("drops", 1234.5) == "1,234.5"
    assert format_figure("rate", None) == ""
