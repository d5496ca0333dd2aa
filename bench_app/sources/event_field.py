"""A field of an event by its name or its path: JSON text -> **field** -> time, topic or sink of the event.

``header.stamp`` is the key ``stamp`` in the object ``header``, or the key ``header.stamp`` itself: where an object has
a key of several parts of the path, that key is taken, the longest first. A name that is no path, such as
``Time "UTC"``, is the name of one key. Where no event has that key, its dots divide it: ``run.Time "UTC"``.
``["Time \\"UTC\\""].start`` is a path with such a name. Two dots in a row are refused as a slip of the pen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from bench_app.errors import InputError
from bench_app.model.json_path import Part, parse_path
from bench_app.untrusted.json_reader import JsonReader

MISSING: Final = object()
"""In place of the value of a field that an event does not have."""

# msgspec can decode a key alone only if its name has none of these.
_NOT_A_KEY_TO_PROBE = re.compile(r'["\\\x00-\x1f]')


class EventField:
    """A field of an event. Raises InputError if the text has an empty part.

    Attributes:
        text: the name or the path, as the user wrote it.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            self._parts: tuple[Part, ...] = parse_path(text)
        except InputError:
            if ".." in text:
                raise
            self._parts = tuple(text.split("."))

    @property
    def top_keys(self) -> list[str]:
        """The keys at the top of an event that can lead to the field."""
        keys = [key for key, _ in _keys(self._parts)]
        return keys if self.text in keys else [self.text, *keys]

    def find(self, event: Any) -> Any:
        """The value in an event; MISSING if the event has none."""
        if isinstance(event, dict) and self.text in event:
            return event[self.text]
        return _find(event, self._parts)


def _find(value: Any, parts: Sequence[Part]) -> Any:
    if not parts:
        return value
    if isinstance(value, list):
        index = _index(parts[0])
        return _find(value[index], parts[1:]) if index is not None and index < len(value) else MISSING
    if isinstance(value, dict):
        for key, used in _keys(parts):
            if key in value and (found := _find(value[key], parts[used:])) is not MISSING:
                return found
    return MISSING


def _keys(parts: Sequence[Part]) -> Iterator[tuple[str, int]]:
    """Each key that the next parts of a path can be, and the number of its parts; the longest key first."""
    texts: list[str] = []
    for part in parts:
        if not isinstance(part, str):
            break
        texts.append(part)
    for used in range(len(texts), 0, -1):
        yield ".".join(texts[:used]), used


def _index(part: Part) -> int | None:
    if isinstance(part, int):
        return part
    return int(part) if re.fullmatch(r"[0-9]{1,9}", part) else None


class FieldProbe:
    """Reads some fields of JSON objects. It decodes only the keys that lead to them, because all would be slow."""

    def __init__(self, fields: Sequence[EventField], keys: Sequence[str] = ()) -> None:
        """``keys``: names of further keys, whose presence alone matters."""
        wanted = list(dict.fromkeys(key for field in fields for key in field.top_keys))
        self._names: dict[str, str] | None = None
        kinds: list[tuple[str, Any, Any]] = []
        if any(_NOT_A_KEY_TO_PROBE.search(key) for key in wanted):
            self._reader: JsonReader[Any] = JsonReader(dict[str, Any])
            return
        self._names = {}
        for key in (*wanted, *(key for key in keys if key not in wanted)):
            name = f"field_{len(kinds)}"
            kind = Any if key in wanted else msgspec.Raw
            kinds.append((name, kind | msgspec.UnsetType if kind is msgspec.Raw else Any, msgspec.UNSET))
            self._names[name] = key
        self._reader = JsonReader(msgspec.defstruct("Probe", kinds, rename=self._names))

    def read(self, text: bytes) -> dict[str, Any]:
        """The keys of a JSON object that lead to the fields, and the further keys. Raises BadJsonError."""
        found = self._reader.read(text)
        if self._names is None:
            event: dict[str, Any] = found
            return event
        values = {}
        for name, key in self._names.items():
            value = getattr(found, name)
            if value is not msgspec.UNSET:
                values[key] = value
        return values
