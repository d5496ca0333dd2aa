"""What each counter and figure of a result means, in one place for result format and checks."""

from __future__ import annotations

from collections.abc import Mapping

COUNTERS: Mapping[str, str] = {
    "offered": "events the source handed to the handler",
    "queue_overflow": "events lost because the handler's own queue was full (`queue_size`)",
    "send_timeout": "events the socket did not take within `send_timeout`",
    "aborted": "events given up: the handler gave up connecting, or `linger` ran out while they waited in its queue",
    "accepted": "events the socket took",
    "bytes": "bytes of the accepted messages, all frames",
    "replied": "requests that got their reply",
    "request_timeout": "requests that got none, after every retry",
    "retries": "requests sent again; not part of any sum",
    "lost": "messages the socket took that never arrived",
    "received": "distinct messages of this run that arrived",
    "before_join": "messages published before the subscription was in effect",
    "duplicates": "messages that arrived again",
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
