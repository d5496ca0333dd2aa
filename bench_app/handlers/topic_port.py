"""Sends each event with a topic of its own: replay source -> handler queue -> **port** ~~> listener.

The topic is that of the handler, a dot, and the dynamic path: the value of a field of the event.
"""

from __future__ import annotations

from typing import Any

from bench_app.handlers.headed_body import Form, PathBody
from bench_app.handlers.socket import HandlerPort
from bench_app.model import Framing, StampMode
from bench_app.sources.event_field import MISSING, EventField, FieldProbe
from bench_app.transport.stamp import Identity
from bench_app.untrusted.json_reader import BadJsonError


class TopicPort(HandlerPort):
    """The port of a handler whose events have topics of their own. ``field`` is the name or the path of a field."""

    form: Form = "paths"

    def __init__(self, identity: Identity, mode: StampMode, framing: Framing, topic: str, field: str) -> None:
        super().__init__(identity, mode, framing, topic)
        self._field = EventField(field)
        self._probe = FieldProbe([self._field])

    def use_topic(self, topic: str | None) -> None:
        """Send this topic, and the path of each event, from the next message on."""
        super().use_topic(topic)
        self._own = self._topic_frame
        self._own_overhead = self.overhead

    def render(self, event: bytes) -> bytearray:
        """Make a message body of an event's JSON text, with the dynamic path that the event names."""
        return PathBody.of(super().render(event), self._path_of(event).encode())

    def send(self, body: bytearray, sequence: int, intended_ns: int, sent_ns: int) -> None:
        """Send one message; raises ``zmq.Again`` and sends nothing if the socket would block."""
        assert isinstance(body, PathBody) and self._own is not None
        self._topic_frame = b".".join(part for part in (self._own, body.path) if part)
        self.overhead = self._own_overhead + len(self._topic_frame) - len(self._own)
        super().send(body, sequence, intended_ns, sent_ns)

    def _path_of(self, event: bytes) -> str:
        try:
            value: Any = self._field.find(self._probe.read(event))
        except BadJsonError:  # an event that is no object
            return ""
        if value is MISSING or isinstance(value, bool | dict | list) or value is None:
            return ""
        return str(value)
