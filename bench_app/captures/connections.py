"""The connections of a capture: packets -> **connections** -> recorded messages, and what could not be read. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bench_app.captures.packets import Packet
from bench_app.captures.segments import Segment, segment_of
from bench_app.captures.stream import Chunk, Stream
from bench_app.captures.zmtp import WireMessage, ZmtpDecoder
from bench_app.model.patterns import PATTERNS
from bench_app.recording.message import RecordedMessage, topic_of

PUBLISHERS = {x + one.socket_type for one in PATTERNS.values() if one.sends_topic for x in ("", "X")}


class Direction:
    """What one peer of a connection sent.

    Attributes:
        source: address and port of the sender.
        target: address and port of the receiver.
        decoder: decodes the stream.
        messages: how many messages were read.
        closed: whether the sender has ended the connection.
    """

    def __init__(self, first: Segment) -> None:
        self.source = first.source
        self.target = first.target
        self.decoder = ZmtpDecoder()
        self.messages = 0
        self.closed = False
        self._stream = Stream(first)

    @property
    def missing(self) -> int:
        """How many bytes were not captured."""
        return self._stream.missing

    def add(self, segment: Segment) -> Iterator[WireMessage]:
        """The messages that a segment completes."""
        self.closed |= segment.is_last
        yield from self._decode(self._stream.add(segment))

    def end(self) -> Iterator[WireMessage]:
        """The messages of segments that waited for one that was not captured."""
        yield from self._decode(self._stream.end())

    def _decode(self, chunks: Iterable[Chunk]) -> Iterator[WireMessage]:
        for chunk in chunks:
            for message in self.decoder.feed(chunk.data, chunk.at_ns, chunk.missing):
                self.messages += 1
                yield message


class Connection:
    """A TCP connection.

    Attributes:
        number: its number in the capture, from 1.
        directions: what each peer sent; the peer whose packet came first is the first.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.directions: list[Direction] = []

    @property
    def is_zmtp(self) -> bool:
        """Whether a peer sent a greeting of ZMTP 3."""
        return any(direction.decoder.is_zmtp for direction in self.directions)

    def direction_of(self, segment: Segment) -> Direction:
        """The direction of a segment."""
        for direction in self.directions:
            if direction.source == segment.source:
                return direction
        self.directions.append(Direction(segment))
        return self.directions[-1]


class Connections:
    """All TCP connections of a capture.

    Attributes:
        all: the connections, in the order in which they began.
        packets: how many packets there were.
        others: how many packets have no TCP segment.
    """

    def __init__(self) -> None:
        self.all: list[Connection] = []
        self.packets = 0
        self.others = 0
        self._open: dict[frozenset[str], Connection] = {}

    def read(self, packets: Iterable[Packet]) -> Iterator[tuple[Connection, RecordedMessage]]:
        """The messages of all connections, in the order in which they were complete."""
        for packet in packets:
            self.packets += 1
            segment = segment_of(packet)
            if segment is None:
                self.others += 1
                continue
            connection = self._connection_of(segment)
            direction = connection.direction_of(segment)
            for message in direction.add(segment):
                yield connection, _recorded(connection, direction, message)
        for connection in self.all:
            for direction in connection.directions:
                for message in direction.end():
                    yield connection, _recorded(connection, direction, message)

    def _connection_of(self, segment: Segment) -> Connection:
        peers = frozenset((segment.source, segment.target))
        found = self._open.get(peers)
        # The same ports may be used again, for a new connection.
        is_new = found is not None and segment.is_first and any(one.closed for one in found.directions)
        if found is None or is_new:
            found = self._open[peers] = Connection(len(self.all) + 1)
            self.all.append(found)
        return found


def _recorded(connection: Connection, direction: Direction, message: WireMessage) -> RecordedMessage:
    kind = direction.decoder.socket_type
    return RecordedMessage(
        received_ns=message.at_ns,
        # Where the peer listens that did not begin the connection.
        endpoint=f"tcp://{connection.directions[0].target}",
        source=f"{connection.number} {kind} {direction.source}",
        topic=topic_of(message.frames, kind in PUBLISHERS),
        frames=message.frames,
    )
