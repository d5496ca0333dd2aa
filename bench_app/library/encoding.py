"""Events of a program as JSON: event -> **encoding** -> handler queue.

JSON has no NaN, no sets and no bytes. The encoder would write them as ``null``, as arrays and as base64 text, and the
program would not notice. So they are refused, unless the program chose to convert them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable
from typing import Any, Literal

import msgspec

from bench_app.errors import InputError

OnUnencodable = Literal["refuse", "convert"] | Callable[[Any], Any]
"""What happens to NaN, infinity, sets and bytes: ``refuse`` raises InputError, ``convert`` writes null, arrays and
base64 text, and a function returns the value to write instead."""

Encode = Callable[[Any], bytes]

_encode = msgspec.json.Encoder().encode
_PLAIN: frozenset[type] = frozenset({str, int, bool, type(None)})
_MAYBE_NAN: frozenset[type] = _PLAIN | {float}
_FLOAT: frozenset[type] = frozenset({float})
_UNENCODABLE = (set, frozenset, bytes, bytearray, memoryview)


def encode(event: Any) -> bytes:
    """An event as JSON; raises :class:`InputError` for a value that JSON cannot hold."""
    body = encode_converting(event)
    # NaN and infinity are the only floats that become ``null``. So without a null the floats need no check.
    if not _is_encodable(event, _PLAIN if b"null" in body else _MAYBE_NAN):
        raise InputError(f"this event cannot be written as JSON: {_describe(event, '$')}")
    return body


def encode_converting(event: Any) -> bytes:
    """An event as JSON; NaN and infinity become null, sets arrays, and bytes base64 text."""
    try:
        return _encode(event)
    except (TypeError, ValueError, msgspec.MsgspecError, RecursionError) as error:
        raise InputError(f"this event cannot be written as JSON: {error}") from error


def encoder_for(on_unencodable: OnUnencodable) -> Encode:
    """The function that writes a program's events; raises :class:`InputError` for an unknown choice."""
    if on_unencodable == "refuse":
        return encode
    if on_unencodable == "convert":
        return encode_converting
    if not callable(on_unencodable):
        raise InputError(f'on_unencodable: expected "refuse", "convert" or a function, not {on_unencodable!r}')
    replace = on_unencodable

    def encode_replacing(event: Any) -> bytes:
        body = encode_converting(event)
        if _is_encodable(event, _PLAIN if b"null" in body else _MAYBE_NAN):
            return body
        return encode(_replaced(event, replace))

    return encode_replacing


def _is_encodable(value: Any, plain: frozenset[type]) -> bool:
    """Whether JSON can hold a value as it is. Values of the types in ``plain`` need no look."""
    kind = type(value)
    if kind in plain:
        return True
    if kind is dict:
        return _are_encodable(value.values(), plain) and _are_encodable(value, plain)
    if kind is list or kind is tuple:
        return _are_encodable(value, plain)
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, _UNENCODABLE) and _are_encodable(_fields(value), plain)


def _are_encodable(values: Collection[Any], plain: frozenset[type]) -> bool:
    """The same for many values, without a Python call for each where their types are those of most events."""
    if plain.issuperset(map(type, values)):
        return True
    left = [value for value in values if type(value) not in plain]
    if _FLOAT.issuperset(map(type, left)):
        return all(map(math.isfinite, left))
    return all(_is_encodable(value, plain) for value in left)


def _fields(value: Any) -> Collection[Any]:
    """The values inside a dataclass or a struct, and inside subclasses of the containers."""
    names: Iterable[str] = getattr(value, "__struct_fields__", ()) or getattr(value, "__dataclass_fields__", ())
    if isinstance(value, dict):
        return [*value, *value.values()]
    if isinstance(value, (list, tuple)):
        return value
    return [getattr(value, name) for name in names]


def _describe(value: Any, path: str) -> str:
    """The path and the kind of the first value that JSON cannot hold."""
    if isinstance(value, float):
        return f"{path} is {value}"
    if isinstance(value, _UNENCODABLE):
        return f"{path} is {type(value).__name__}"
    if isinstance(value, dict):
        parts = [(key, f"{path}, a key") for key in value] + [(each, f"{path}.{key}") for key, each in value.items()]
    elif isinstance(value, (list, tuple)):
        parts = [(each, f"{path}[{index}]") for index, each in enumerate(value)]
    else:
        parts = [(each, path) for each in _fields(value)]
    return next(_describe(each, place) for each, place in parts if not _is_encodable(each, _PLAIN))


def _replaced(value: Any, replace: Callable[[Any], Any]) -> Any:
    """A copy in which ``replace`` has replaced each value that JSON cannot hold."""
    if isinstance(value, (float, *_UNENCODABLE)):
        return value if _is_encodable(value, _PLAIN) else replace(value)
    if isinstance(value, dict):
        return {key: _replaced(each, replace) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_replaced(each, replace) for each in value]
    fields = getattr(value, "__struct_fields__", None) or getattr(value, "__dataclass_fields__", None)
    return value if fields is None else {name: _replaced(getattr(value, name), replace) for name in fields}
