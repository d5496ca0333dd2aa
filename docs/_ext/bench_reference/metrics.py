"""The metrics of checks, made from the sets of metrics that the parser of checks accepts."""

from __future__ import annotations

from typing import get_args

from bench_app.model import SocketType
from bench_app.preset.checks import OPS
from bench_app.preset.metrics import HANDLER_METRICS, LISTENER_METRICS, METRICS, fits
from bench_reference.markdown import code, table
from bench_reference.meanings import COUNTERS, LATENCIES

MEANINGS = {
    **COUNTERS,
    "drops": "all losses together, whatever the cause",
    "rate": "events a second: accepted of a handler, received of a listener",
}

_TYPES: tuple[str, ...] = get_args(SocketType)


def metrics() -> str:
    """A table of counters and latencies, and the operators."""
    counters = sorted(metric for metric in METRICS if not metric.startswith("latency."))
    latencies = sorted({metric.split(".")[1] for metric in METRICS if metric.startswith("latency.")})
    quantities = sorted({metric.split(".")[2] for metric in METRICS if metric.startswith("latency.")})
    latency_rows = [
        [code(f"latency.{name}.QUANTITY"), LATENCIES[name], *_where(f"latency.{name}.{quantities[0]}")]
        for name in latencies
    ]
    rows = [[code(metric), MEANINGS[metric], *_where(metric)] for metric in counters]
    known = ", ".join(code(quantity) for quantity in quantities)
    operators = ", ".join(code(operator) for operator in OPS)
    return (
        table(("metric", "meaning", "of", "handlers"), [*rows, *latency_rows])
        + f"\nQUANTITY is one of {known}, all in milliseconds. Operators are {operators}.\n"
    )


def _where(metric: str) -> tuple[str, str]:
    sides = [side for side, known in (("handler", HANDLER_METRICS), ("listener", LISTENER_METRICS)) if metric in known]
    kinds = [kind for kind in _TYPES if fits(metric, kind)]
    return ", ".join(sides), "all" if len(kinds) == len(_TYPES) else ", ".join(kinds)
