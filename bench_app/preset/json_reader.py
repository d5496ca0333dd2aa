"""JSON text -> plain data. If the text is not JSON, the fault names the line and the column.

The reader also refuses mistakes that the standard library accepts: a key given twice, ``NaN``, ``Infinity``, ``1e400``,
half a surrogate pair, and too deep nesting. Numbers, the order of keys and unknown keys are kept unchanged.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from bench_app.errors import Fault, PresetError
from bench_app.model.json_path import JsonPath
from bench_app.model.validation import fault, fault_at

MAX_DEPTH = 100

_SHOWN = 20
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s,:\[\]{}"]+', re.DOTALL)
_BRACKETS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)
"""Brackets outside strings; a whole string is one match."""
_NOT_SO_DEEP = f"objects and lists nested at most {MAX_DEPTH} deep"
_EXPECTED = {
    "Expecting value": "a value",
    "Expecting ',' delimiter": "a comma, or the end of the object or list",
    "Expecting ':' delimiter": "a colon after the key",
    "Expecting property name": "a key in double quotes",
    "Illegal trailing comma": "another entry after the comma",
    "Extra data": "the end of the file",
    "Unterminated string": "a closing double quote for the text that begins here",
    "Invalid control character": "no line break or control character within text (write \\n)",
    "Invalid \\": "a valid escape after the backslash",
}


class _BadNumberError(ValueError):
    """A number that is not JSON or out of range. The text of the error is the number as it was written."""


def decode(data: bytes, name: str) -> Any:
    """The data in a JSON file; raises :class:`PresetError` with the line and column, or the path, of each fault."""
    text = _text(data, name)
    _refuse_deep(text, name)
    repeated: list[tuple[dict[str, Any], str]] = []
    try:
        raw = json.loads(
            text,
            object_pairs_hook=lambda pairs: _object(pairs, repeated),
            parse_float=_float,
            parse_int=_int,
            parse_constant=_refuse_number,
        )
    except json.JSONDecodeError as error:
        raise PresetError(name, [_misread(text, error)]) from None
    except _BadNumberError as error:
        raise PresetError(name, [_bad_number(text, str(error))]) from None
    except RecursionError:
        raise PresetError(name, [_too_deep(())]) from None
    if repeated:
        raise PresetError(name, list(_duplicates(raw, repeated)))
    return raw


def data_faults(raw: Any, checked: Any = None) -> list[Fault]:
    """The faults of values that cannot be written as JSON, or are nested too deeply.

    ``checked`` is data that was searched before, without faults. A part of ``raw`` that is the same object at the same
    path is not searched again.
    """
    faults: list[Fault] = []
    for path, value in _walk(raw, checked):
        if len(path) > MAX_DEPTH:
            return [*faults, _too_deep(path)]
        if isinstance(value, float) and not math.isfinite(value):
            faults.append(fault(path, value, "a finite number"))
        elif isinstance(value, str) and not _is_unicode(value):
            faults.append(fault(path, value, "text without half a surrogate pair"))
        elif not isinstance(value, str | int | float | dict | list | None):
            faults.append(fault(path, value, "a value that JSON can hold"))
        elif isinstance(value, dict) and not all(isinstance(key, str) and _is_unicode(key) for key in value):
            faults.append(fault_at(path, "", "only keys that JSON can hold"))
    return faults


def _refuse_deep(text: str, name: str) -> None:
    """Refuse too deep nesting before the text is parsed, because parsing deeply nested data takes half a minute."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for found in _BRACKETS.finditer(text):
        match found[0][0]:
            case "[" | "{":
                depth += 1
                if depth > MAX_DEPTH + 1:
                    raise PresetError(name, [Fault(_position(text[: found.start()]), "", _NOT_SO_DEEP)])
            case "]" | "}":
                depth -= 1


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        found = f"byte 0x{data[error.start]:02x}"
        raise PresetError(name, [Fault(_position(before), found, "text in UTF-8")]) from None


def _object(pairs: list[tuple[str, Any]], repeated: list[tuple[dict[str, Any], str]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            repeated.append((made, key))
        made[key] = value
    return made


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        _refuse_number(text)
    return value


def _int(text: str) -> int:
    try:
        return int(text)
    except ValueError:  # more digits than Python reads
        _refuse_number(text)


def _refuse_number(text: str) -> NoReturn:
    raise _BadNumberError(text)


def _misread(text: str, error: json.JSONDecodeError) -> Fault:
    rest = text[error.pos : error.pos + _SHOWN].split("\n")[0].rstrip()
    if not text[error.pos :].strip():
        rest = "the end of the file"
    expected = next((message for start, message in _EXPECTED.items() if error.msg.startswith(start)), error.msg)
    if not text[: error.pos].strip():
        expected = "a value; a preset is JSON, and begins with {"
    return Fault(_position(text[: error.pos]), rest, expected)


def _bad_number(text: str, literal: str) -> Fault:
    start = next((token.start() for token in _TOKEN.finditer(text) if token[0] == literal), 0)
    shown = literal if len(literal) <= _SHOWN else literal[:_SHOWN] + "..."
    return Fault(_position(text[:start]), shown, "a number that JSON allows and that is in range")


def _position(before: str) -> str:
    """The position after this text, for a message; the column counts characters."""
    line = before.count("\n") + 1
    return f"line {line}, column {len(before) - before.rfind(chr(10))}"


def _too_deep(path: JsonPath) -> Fault:
    return fault_at(path[:3], "", _NOT_SO_DEEP)


def _duplicates(raw: Any, repeated: list[tuple[dict[str, Any], str]]) -> Iterator[Fault]:
    keys_of: dict[int, list[str]] = {}
    for owner, key in repeated:
        keys_of.setdefault(id(owner), []).append(key)
    for path, value in _walk(raw):
        for key in dict.fromkeys(keys_of.get(id(value), ())):
            yield fault_at((*path, key), "", "this key only once in its object")


def _walk(raw: Any, known: Any = None) -> Iterator[tuple[JsonPath, Any]]:
    """Every value with its path, in the order of the file and without recursion.

    An object or a list that ``known`` has at the same path is left out, with all of its content. The comparison is by
    identity: equal but different objects are walked.
    """
    waiting: list[tuple[JsonPath, Any, Any]] = [((), raw, known)]
    while waiting:
        path, value, before = waiting.pop()
        yield path, value
        inside = []
        for key, entry in _entries(value):
            was = _entry(before, key)
            if entry is not was or entry is None:
                inside.append(((*path, key), entry, was))
        waiting.extend(reversed(inside))


def _entries(value: Any) -> Iterable[tuple[Any, Any]]:
    return value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()


def _entry(value: Any, key: Any) -> Any:
    if isinstance(value, dict):
        return value.get(key)
    return value[key] if isinstance(value, list) and isinstance(key, int) and key < len(value) else None


def _is_unicode(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)
