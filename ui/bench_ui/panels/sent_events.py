"""Events to send by hand, kept under names or sent before: settings -> **sent events** -> message editor. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import msgspec

from bench_app.transport import stamp
from bench_app.untrusted.json_reader import ANY_JSON, BadJsonError, JsonReader

MOST_SENT = 50
"""So many events that were sent are kept, the newest."""
MOST_TEMPLATES = 200
MOST_BURST = 100_000
_SHOWN_CHARACTERS = 60


class Template(msgspec.Struct, frozen=True):
    """A text with a name. It is offered with the preset of this name, or with every preset if that is ""."""

    name: str
    text: str
    preset: str = ""


class SentEvent(msgspec.Struct, frozen=True):
    """An event that was sent to a handler, ``count`` times."""

    handler: str
    text: str
    count: int = 1

    @property
    def label(self) -> str:
        """One line that tells it from others."""
        line = " ".join(self.text.split())
        shown = line if len(line) <= _SHOWN_CHARACTERS else f"{line[: _SHOWN_CHARACTERS - 1]}…"
        times = f"{self.count:,} × " if self.count > 1 else ""
        return f"{self.handler}: {times}{shown}"


class _Kept(msgspec.Struct, frozen=True):
    templates: tuple[Template, ...] = ()
    sent: tuple[SentEvent, ...] = ()


_KEPT: JsonReader[_Kept] = JsonReader(_Kept)


@dataclass(frozen=True)
class SentEvents:
    """The templates, sorted by name, and the events that were sent, the newest first."""

    templates: tuple[Template, ...] = field(default=())
    sent: tuple[SentEvent, ...] = field(default=())

    @classmethod
    def from_json(cls, text: str) -> SentEvents:
        """Read what :meth:`as_json` wrote. What cannot be read is empty."""
        try:
            kept = _KEPT.read(text)
        except BadJsonError:
            return cls()
        return cls(kept.templates[:MOST_TEMPLATES], kept.sent[:MOST_SENT])

    def as_json(self) -> str:
        """All of it as JSON."""
        return msgspec.json.encode(_Kept(self.templates, self.sent)).decode()

    def templates_for(self, preset: str) -> list[Template]:
        """The templates that are offered with a preset."""
        return [template for template in self.templates if template.preset in ("", preset)]

    def with_template(self, template: Template) -> SentEvents:
        """Add a template. It replaces one of the same name for the same presets."""
        others = self._others(template)
        kept = sorted([*others, template], key=lambda one: (one.name.casefold(), one.preset))
        return replace(self, templates=tuple(kept[:MOST_TEMPLATES]))

    def without_template(self, template: Template) -> SentEvents:
        """Remove a template."""
        return replace(self, templates=tuple(self._others(template)))

    def with_sent(self, event: SentEvent) -> SentEvents:
        """Add an event that was sent. It stands once, however often it was sent."""
        others = [one for one in self.sent if one != event]
        return replace(self, sent=(event, *others)[:MOST_SENT])

    def _others(self, template: Template) -> list[Template]:
        return [one for one in self.templates if (one.name, one.preset) != (template.name, template.preset)]


def editable(body: bytes) -> str:
    """The text of a received event without the bench's stamp, to edit and send again; "" if it is no JSON object."""
    try:
        event = ANY_JSON.read(body)
    except BadJsonError:
        return ""
    if not isinstance(event, dict):
        return ""
    event.pop(stamp.FIELD, None)
    return msgspec.json.format(msgspec.json.encode(event), indent=2).decode()
