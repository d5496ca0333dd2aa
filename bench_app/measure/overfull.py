"""A lower bound of the losses of a PUB: sent more than its connection holds -> **loss** -> live ledger.

A PUB drops messages silently, and a gap shows a loss only when a later message arrives. But a connection holds a
limited number of messages. If more were sent and not received, the others are lost already:

    lost >= sent - received - what the connection holds

The bound is never above the true loss, because each term errs on the safe side. The moment of the comparison is when
the kernel's buffers are read. ``sent`` is counted before that moment, and ``received`` after it.
"""

from __future__ import annotations

from dataclasses import dataclass

CODEC_BYTES = 2 * 8192
"""The buffers of libzmq's encoder and decoder, of one batch each."""
MESSAGES_IN_HAND = 6
"""Messages that encoder, decoder, session and socket hold apart from pipes and buffers, rounded up."""


@dataclass(frozen=True)
class Overfull:
    """What is known to be lost because the connection cannot hold it.

    Attributes:
        lost: at least so many messages are lost.
        fits: the connection can hold at most so many messages.
    """

    lost: int
    fits: int


@dataclass(frozen=True)
class Marks:
    """The high-water marks of a connection in messages; both are above 0."""

    send: int
    receive: int


def most_held(marks: Marks, kernel_bytes: int, message_bytes: float) -> int:
    """The most messages that a connection can hold while its kernel buffers hold ``kernel_bytes``.

    ``message_bytes`` is the size of a message at the least. The kernel's bytes are rounded up by an eighth, because
    the messages in its buffers may be smaller than the mean of all messages.
    """
    buffered = kernel_bytes + kernel_bytes // 8 + CODEC_BYTES
    return marks.send + marks.receive + int(buffered / max(1.0, message_bytes)) + MESSAGES_IN_HAND


@dataclass(frozen=True)
class _Probe:
    at_ns: int
    sent: int
    fits: int


class OverfullWatch:
    """Follows one connection from a PUB to a listener. A loss that is known once stays known.

    A connection that is made again begins at 0: messages of the connection before may wait in both. The losses that
    were known then are added.
    """

    def __init__(self) -> None:
        self._sent_before = 0
        self._received_before = 0
        self._lost_before = 0
        self._lost = 0
        self._fits = 0
        self._probe: _Probe | None = None

    @property
    def overfull(self) -> Overfull | None:
        """What is known to be lost; None if nothing is."""
        return Overfull(self._lost, self._fits) if self._lost else None

    def begin(self, sent: int, received: int) -> None:
        """The connection was made after ``received`` had been received, and before more than ``sent`` were sent."""
        self._sent_before, self._received_before, self._lost_before = sent, received, self._lost
        self._probe = None

    def is_suspicious(self, sent: int, received: int, fits: int) -> bool:
        """Whether a probe may find a greater loss: more is on the way than ``fits``."""
        return self._probe is None and self._excess(sent, received, fits) > self._lost

    def probe(self, at_ns: int, sent: int, fits: int) -> None:
        """The connection could hold ``fits`` messages at ``at_ns``, and ``sent`` had been sent before."""
        self._probe = _Probe(at_ns, sent, fits)

    def compare(self, at_ns: int, received: int) -> None:
        """The listener had received ``received`` messages at ``at_ns``."""
        probe = self._probe
        if probe is None or at_ns < probe.at_ns:
            return
        self._probe = None
        lost = self._excess(probe.sent, received, probe.fits)
        if lost > self._lost:
            self._lost, self._fits = lost, probe.fits

    def _excess(self, sent: int, received: int, fits: int) -> int:
        on_the_way = (sent - self._sent_before) - (received - self._received_before)
        return self._lost_before + max(0, on_the_way - fits)
