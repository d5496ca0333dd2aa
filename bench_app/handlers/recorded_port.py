"""Sends recorded messages as they were: replay source -> handler queue -> **port** ~~> listener.

A recorded message keeps its topic and all its frames. The stamp, if there is one, is one more frame at the end.
"""

from __future__ import annotations

from bench_app.handlers.headed_body import Form, FramedBody
from bench_app.handlers.socket import HandlerPort
from bench_app.measure.recorder import Recorder
from bench_app.measure.sample_buffer import SampleBuffer
from bench_app.measure.samples import Samples
from bench_app.model import StampMode
from bench_app.recording.message import read_line
from bench_app.transport.stamp import Identity
from bench_app.untrusted.json_reader import BadJsonError


class RecordedPort(HandlerPort):
    """The port of a handler that sends recorded messages.

    ``topic`` is the topic of events that were not recorded, such as one sent by hand.

    Attributes:
        fidelity: how far the distance of each send to the one before was from the recorded distance, in ns.
    """

    form: Form = "frames"

    def __init__(self, identity: Identity, mode: StampMode, topic: str | None) -> None:
        self._topic_of_others = topic
        self._last_sent_ns = 0
        self._last_intended_ns = 0
        self.fidelity: Samples = SampleBuffer(Recorder())
        super().__init__(identity, "frame" if mode == "frame" else "off")

    def use_topic(self, topic: str | None) -> None:
        """Send events that were not recorded with this topic."""
        super().use_topic(None)
        if topic is not None:
            self._topic_of_others = topic

    def render(self, event: bytes) -> bytearray:
        """The frames of a recorded message, given as its line; of any other event topic and body."""
        try:
            return FramedBody.of(read_line(event).frames)
        except BadJsonError:
            topic = self._topic_of_others
            return FramedBody.of([event] if topic is None else [topic.encode(), event])

    def send(self, body: bytearray, sequence: int, intended_ns: int, sent_ns: int) -> None:
        """Send one message; raises ``zmq.Again`` and sends nothing if the socket would block."""
        super().send(body, sequence, intended_ns, sent_ns)
        if self._last_sent_ns:
            recorded_ns = intended_ns - self._last_intended_ns
            self.fidelity.append(abs(sent_ns - self._last_sent_ns - recorded_ns))
        self._last_sent_ns, self._last_intended_ns = sent_ns, intended_ns

    def _frames(self, body: bytearray) -> list[bytes | bytearray]:
        assert isinstance(body, FramedBody)
        return [*body.frames, self._stamp] if self.mode == "frame" else body.frames
