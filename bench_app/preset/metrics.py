"""The metrics of a check: the names of the counters and latencies of a result."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bench_app.measure.histogram_delta import PERCENTILES
from bench_app.measure.latency_measures import HANDLER_MEASURES, LISTENER_MEASURES, Measure
from bench_app.measure.loss_causes import LISTENER_LOSS_CAUSES, LOSS_CAUSES
from bench_app.model import Delivery, pattern_of

DROPS = "drops"
"""The metric that is the sum of all losses, by all causes."""

_HANDLER_COUNTERS = frozenset({"offered", "accepted", "bytes", "replied", "retries"})
_HANDLER_LOSSES = frozenset(cause.key for cause in LOSS_CAUSES if not cause.by_listeners_only)
_LISTENER_COUNTERS = frozenset({"received", "duplicates", "reordered", "foreign", "malformed"})
_LISTENER_LOSSES = frozenset(cause.key for cause in LISTENER_LOSS_CAUSES)
_COMMON_METRICS = frozenset({DROPS, "rate"})
_QUANTITIES = (*PERCENTILES, "max", "mean")

LATENCY_METRICS: Mapping[str, tuple[Measure, str]] = {
    f"latency.{measure}.{quantity}_ms": (measure, quantity)
    for measure in (*HANDLER_MEASURES, *LISTENER_MEASURES)
    for quantity in _QUANTITIES
}
"""The latency and the quantity of each metric that is a latency."""


def _latencies(*measures: Measure) -> frozenset[str]:
    return frozenset(metric for metric, (measure, _) in LATENCY_METRICS.items() if measure in measures)


_REPLY_METRICS = frozenset({"replied", "retries"}) | _latencies("round_trip")

HANDLER_METRICS = _HANDLER_COUNTERS | _HANDLER_LOSSES | _COMMON_METRICS | _latencies(*HANDLER_MEASURES)
LISTENER_METRICS = _LISTENER_COUNTERS | _LISTENER_LOSSES | _COMMON_METRICS | _latencies(*LISTENER_MEASURES)
METRICS = HANDLER_METRICS | LISTENER_METRICS

RATE_NOW = "rate_now"
"""The metric of a step that is the rate of the last second: accepted of a handler, received of a listener."""
NEW = "new."
"""How the metrics of a step begin that count since the step before."""
HANDLER_STEP_METRICS = {RATE_NOW} | {NEW + name for name in _HANDLER_COUNTERS | _HANDLER_LOSSES}
LISTENER_STEP_METRICS = {RATE_NOW} | {NEW + name for name in _LISTENER_COUNTERS | _LISTENER_LOSSES}
STEP_METRICS = HANDLER_STEP_METRICS | LISTENER_STEP_METRICS
"""What a step of a timeline can read besides METRICS, because it comes while a run goes on."""

_DELIVERIES: Mapping[str, Collection[Delivery]] = {
    **{cause.key: cause.deliveries for cause in LOSS_CAUSES},
    **dict.fromkeys(_REPLY_METRICS, frozenset({Delivery.REQUEST})),
}
"""The deliveries that have a metric. A metric that is not in this table exists for every delivery."""


def fits(metric: str, socket_type: str) -> bool:
    """Whether handlers of this socket type, or their listeners, can have the metric."""
    return pattern_of(socket_type).delivery in _DELIVERIES.get(metric, Delivery)
