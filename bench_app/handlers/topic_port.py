"""Sends each event with a topic of its own: replay source -> handler queue -> **port** ~~> listener.

The topic is that of the handler, a dot, and the dynamic path: the value of a field of the event.
"""

from __future__ import annotations

from typing import Any

from bench_app.handlers.socket import HandlerPort
from bench_app.model import Framing, StampMode
from bench_app.sources.event_field import MISSING, EventField, FieldProbe
from bench_app.transport.stamp import Identity
from bench_app.untrusted.json_reader import BadJsonError


class TopicBody(bytearray):
    """A message body with the dynamic path of its topic.

    The core counts the bytes of a message by the length of its body, so the length includes the path and its dot.

    Attributes:
        path: the dynamic path; "" if the event has none.
    """

    path: str = ""

    def __len__(self) -> int:
        return super().__len__() + (len(self.path.encode()) + 1 if self.path else 0)


class TopicPort(HandlerPort):
    """The port of a handler whose events have topics of their own. ``field`` is the name or the path of a field."""

    def __init__(self, identity: Identity, mode: StampMode, framing: Framing, topic: str | None, field: str) -> None:
        super().__init__(identity, mode, framing, topic)
        self._field = EventField(field)
        self._probe = FieldProbe([self._field])

    def render(self, event: bytes) -> bytearray:
        """Make a message body of an event's JSON text, with the dynamic path that the event names."""
        body = TopicBody(super().render(event))
        body.path = self._path_of(event)
        return body

    def _path_of(self, event: bytes) -> str:
        try:
            value: Any = self._field.find(self._probe.read(event))
        except BadJsonError:  # an event that is no object
            return ""
        if value is MISSING or isinstance(value, bool | dict | list) or value is None:
            return ""
        return str(value)

    def _frames(self, body: bytearray) -> list[bytes | bytearray]:
        if not isinstance(body, TopicBody) or not body.path or self._topic_frame is None:
            return super()._frames(body)
        own = self._topic_frame
        self._topic_frame = b".".join((own, body.path.encode())) if own else body.path.encode()
        try:
            return super()._frames(body)
        finally:
            self._topic_frame = own
