"""The path of one value in a preset, ``bench.listeners.pub[0].delay_ms``. Faults name it, and ``--set`` takes it.

A path is a tuple of parts: keys (str) and indexes of lists (int). As text the parts are joined by dots. An index is in
brackets (``[0]``; ``.0`` is read, too). A key with special characters is quoted, as JSON, in brackets: ``["a.b"]``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from bench_app.errors import InputError
from bench_app.untrusted.json_reader import ANY_JSON, BadJsonError

Part = str | int
JsonPath = tuple[Part, ...]

_PLAIN = re.compile(r"""[^\s.\[\]"'=]+""")
_INDEX = re.compile(r"\[([0-9]{1,9})\]")
_QUOTED = re.compile(r'\[("(?:[^"\\]|\\.)*")\]')
_DIGITS = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class _Token:
    """A part of a path given as text.

    Attributes:
        part: the key or the index.
        plain: whether the key was written without brackets. Neighbouring plain keys may be the pieces of one key with
            dots in its name.
    """

    part: Part
    plain: bool


def format_path(parts: Sequence[Part]) -> str:
    """``("a", 0, "b.c")`` as ``a[0]["b.c"]``; :func:`parse_path` reads it back."""
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"[{json.dumps(part, ensure_ascii=False)}]"
    return text


def parse_path(text: str) -> JsonPath:
    """The parts of a path; raises :class:`InputError` with the column of the mistake."""
    return tuple(token.part for token in _tokens(text))


def parse_assignment(text: str) -> tuple[str, Any]:
    """``PATH=VALUE`` as (path, value). VALUE is JSON where it is valid JSON, otherwise the text itself."""
    end = _path_end(text)
    path, value = text[:end].strip(), text[end + 1 :]
    if end == len(text) or not path:
        raise InputError(f'"{text}": PATH=VALUE was expected, such as bench.duration_s=5')
    parse_path(path)
    return path, _value(value)


def lookup(raw: Any, parts: Sequence[Part], default: Any = None) -> Any:
    """The value at a path, or ``default`` if the path leads to no value."""
    for part in parts:
        in_object = isinstance(part, str) and isinstance(raw, dict) and part in raw
        in_list = isinstance(part, int) and isinstance(raw, list) and 0 <= part < len(raw)
        if not in_object and not in_list:
            return default
        raw = raw[part]
    return raw


def assign(raw: dict[str, Any], path: str | JsonPath, value: Any) -> dict[str, Any]:
    """A copy of ``raw`` with ``value`` at ``path``. Missing objects and lists on the way are created.

    In a path given as text, neighbouring plain keys are joined by dots where the object has that key (a handler called
    ``cam.1``); the longest key that exists is taken. An index one past the end of a list appends. ``raw`` itself is not
    changed. Raises :class:`InputError` if the path leads through a value that is neither an object nor a list.
    """
    tokens = _tokens(path) if isinstance(path, str) else [_Token(part, plain=False) for part in path]
    if not tokens:
        raise InputError("a path names at least one key")
    changed: dict[str, Any] = _assigned(raw, tokens, value, ())
    return changed


def _assigned(container: Any, tokens: list[_Token], value: Any, at: JsonPath) -> Any:
    if not tokens:
        return value
    if container is None:
        container = _new_container(tokens[0])
    if isinstance(container, dict):
        return _assigned_in_object(container, tokens, value, at)
    if isinstance(container, list):
        return _assigned_in_list(container, tokens, value, at)
    shown = msgspec.json.encode(container).decode()[:60]
    raise InputError(f"{format_path(at)} is {shown}, which has no {format_path([tokens[0].part])} to set")


def _assigned_in_object(container: dict[str, Any], tokens: list[_Token], value: Any, at: JsonPath) -> dict[str, Any]:
    key, used = _longest_key(container, tokens)
    if isinstance(key, int):
        raise InputError(f"{format_path(at) or 'the preset'} is an object, not a list: it has no [{key}]")
    return {**container, key: _assigned(container.get(key), tokens[used:], value, (*at, key))}


def _assigned_in_list(container: list[Any], tokens: list[_Token], value: Any, at: JsonPath) -> list[Any]:
    index = _as_index(tokens[0].part)
    if index is None:
        raise InputError(f"{format_path(at)} is a list: an index, such as [0], was expected, not {tokens[0].part}")
    if index > len(container):
        raise InputError(
            f"{format_path((*at, index))}: the list has {len(container)} items, so [{len(container)}] is the next one"
        )
    items = list(container)
    items[index : index + 1] = [_assigned(lookup(container, [index]), tokens[1:], value, (*at, index))]
    return items


def _longest_key(container: dict[str, Any], tokens: list[_Token]) -> tuple[Part, int]:
    """The first key of these tokens, and how many tokens the key takes.

    The longest key that the container has is taken, so that ``handlers.cam.1.uri`` reaches a handler called ``cam.1``.
    """
    pieces: list[str] = []
    for token in tokens:
        if not token.plain:
            break
        pieces.append(str(token.part))
    for used in range(len(pieces), 1, -1):
        if (key := ".".join(pieces[:used])) in container:
            return key, used
    return tokens[0].part, 1


def _new_container(token: _Token) -> dict[str, Any] | list[Any]:
    return {} if _as_index(token.part) is None else []


def _as_index(part: Part) -> int | None:
    if isinstance(part, int):
        return part
    return int(part) if _DIGITS.fullmatch(part) else None


def _tokens(text: str) -> list[_Token]:
    return list(_scan(text))


def _scan(text: str) -> Iterator[_Token]:
    position = 0
    while position < len(text) or position == 0:
        if found := _INDEX.match(text, position):
            yield _Token(int(found[1]), plain=False)
        elif found := _QUOTED.match(text, position):
            yield _Token(_unquoted(found[1], text, position), plain=False)
        else:
            start = _after_dot(text, position)
            found = _PLAIN.match(text, start)
            if found is None:
                raise _misread(text, start)
            yield _Token(found[0], plain=True)
        position = found.end()


def _after_dot(text: str, position: int) -> int:
    if position == 0:
        return 0
    if not text.startswith(".", position):
        raise _misread(text, position)
    return position + 1


def _unquoted(quoted: str, text: str, position: int) -> str:
    try:
        return str(ANY_JSON.read(quoted))
    except BadJsonError:
        raise _misread(text, position) from None


def _misread(text: str, position: int) -> InputError:
    return InputError(
        f'"{text}", column {position + 1}: a key, an index such as [0] or a quoted key such as ["a.b"] was expected'
    )


def _path_end(text: str) -> int:
    """The position of the first ``=`` outside a quoted key, or the length of the text."""
    position = 0
    while position < len(text) and text[position] != "=":
        quoted = _QUOTED.match(text, position)
        position = quoted.end() if quoted else position + 1
    return position


def _value(text: str) -> Any:
    try:
        return ANY_JSON.read(text)
    except BadJsonError as error:
        if error.is_over_limit:
            raise InputError(f"the value after = is {error}") from None
        return text
