"""The meaning of each counter and figure of a result, in one place for the result format and the checks."""

from __future__ import annotations

from collections.abc import Mapping

from bench_app.measure.loss_causes import LOSS_CAUSES
from bench_reference.loss_causes import what_happened


def _uncapitalized(text: str) -> str:
    return text[:1].lower() + text[1:]


_LOSSES = {cause.key: f"lost: {_uncapitalized(what_happened(cause))}" for cause in LOSS_CAUSES}

COUNTERS: Mapping[str, str] = {
    **_LOSSES,
    "offered": "events the source handed to the handler",
    "accepted": "events the socket took",
    "bytes": "bytes of the accepted messages, all frames",
    "replied": "requests that got their reply",
    "retries": "requests sent again; not part of any sum",
    "received": "distinct messages of this run that arrived",
    "duplicates": "messages that arrived again, at this listener or at another one that shares the messages",
    "reordered": "messages that arrived after a later one of the same handler; still counted as received",
    "foreign": "messages without the stamp of this run",
    "malformed": "messages whose stamp cannot be read",
}

LATENCIES: Mapping[str, str] = {
    "service": "actual send to received",
    "response": "due to received",
    "lateness": "due to actual send",
    "round_trip": "first send of a request to its reply, retries included",
}
