"""How a request ended: REQ's core -> **end of a request** -> the program that waits for the reply."""

from __future__ import annotations

from enum import Enum

import msgspec


class RequestOutcome(Enum):
    """How a request ended."""

    REPLIED = "replied"
    NO_REPLY = "no reply"
    """No attempt got a reply in time."""
    NOT_SENT = "not sent"
    """The socket did not take the request within ``send_timeout``."""
    ABORTED = "aborted"
    """The handler ended or gave up connecting."""
    WITHDRAWN = "withdrawn"
    """The program waits no longer for the reply."""


class RequestEnd(msgspec.Struct, frozen=True):
    """The end of one request; each request that the queue took has exactly one.

    Attributes:
        number: the request's number in the queue (:class:`~bench_app.handlers.ring.EventRing`), from 0.
        outcome: how the request ended.
        attempts: how many attempts had begun; 0 for a request that never left the queue.
        waited_ns: the time since the first attempt; 0 without an attempt.
        frames: the frames of the reply; empty without a reply.
    """

    number: int
    outcome: RequestOutcome
    attempts: int = 0
    waited_ns: int = 0
    frames: tuple[bytes, ...] = ()
