"""The key of a trial of a search in the journal: the values that the trial changed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench_app.untrusted.json_reader import ANY_JSON, BadJsonError


def trial_values(key: str) -> dict[str, Any]:
    """The values by their paths; empty if the key is none of a trial."""
    try:
        pairs = ANY_JSON.read(key)
    except BadJsonError:
        return {}
    if not isinstance(pairs, Sequence) or isinstance(pairs, str):
        return {}
    return {str(pair[0]): pair[1] for pair in pairs if isinstance(pair, Sequence) and len(pair) == 2}


def duration_of(values: Mapping[str, Any]) -> float:
    """The length of the trial in seconds."""
    return float(values.get("bench.duration_s", 0.0))


def load_of(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The load of the trial; empty if the trial has the load of its preset."""
    loads = (value for path, value in values.items() if path.endswith(".load") and isinstance(value, Mapping))
    return next(loads, {})
