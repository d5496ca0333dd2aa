"""model <-> form: values of the model <-> the text that the user reads and types. No Qt.

A ``read`` function returns a text that it cannot read as it is. Validation then says what the field expects.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bench_app.untrusted.json_reader import ANY_JSON, BadJsonError

_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?(?![0-9,])")
_SCALED = re.compile(rf"({_NUMBER})\s*([kKMG]?)")
_SPAN = re.compile(rf"({_NUMBER})\s*(?:-|–|—|\.\.|to|,)\s*({_NUMBER})")
_ITEM = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[^",]*)\s*(?:,|$)')
_SCALE = {"": 1, "k": 1_000, "K": 1_000, "M": 1_000_000, "G": 1_000_000_000}
_LONGEST = 40
"""Digits of the longest number that is read exactly."""
_EMPTY_LIST = "[]"


@dataclass(frozen=True)
class Codec:
    """How one kind of value is written. ``read`` returns plain JSON data; ``notation`` is a hint for the user."""

    read: Callable[[str], Any]
    write: Callable[[Any], str]
    notation: str = ""


def read_number(text: str) -> Any:
    """``1,000``, ``1e3`` and ``1k`` as 1000. Commas are read between thousands only; ``1,5`` is no number."""
    cleaned = text.strip().replace("−", "-").replace("_", "").replace("\u202f", "").replace(" ", "")
    if _GROUPED.match(cleaned):
        cleaned = cleaned.replace(",", "")
    match = _SCALED.fullmatch(cleaned)
    return _exact(match[1], _SCALE[match[2]]) if match else text


def _exact(digits: str, scale: int = 1) -> int | float:
    """An int if the number is whole, else a float. A number with more than 40 digits is read as infinite."""
    if len(digits) > _LONGEST:
        return math.inf
    try:
        number = Decimal(digits) * scale
    except ArithmeticError:
        return math.inf
    if number.adjusted() < _LONGEST and number == number.to_integral_value():
        return int(number)
    return float(number)


def write_number(value: Any) -> str:
    """A number with thousands separators."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "" if value is None else str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return f"{value:,}"


def read_text(text: str) -> Any:
    """The text as it is."""
    return text


def write_text(value: Any) -> str:
    """The text; an empty line for None."""
    return "" if value is None else str(value)


def read_optional_text(text: str) -> Any:
    """The text without outer blanks; None for an empty line."""
    return text.strip() or None


def read_list(text: str) -> Any:
    """``a, b`` as [a, b]. ``""`` is an empty text, ``[]`` an empty list, an empty line None."""
    if not text.strip():
        return None
    if text.strip() == _EMPTY_LIST:
        return []
    items: list[str] = []
    place = 0
    while place < len(text):
        match = _ITEM.match(text, place)
        if not match:
            return text
        item = match[1].rstrip()
        if item.startswith('"'):
            try:
                items.append(ANY_JSON.read(item))
            except BadJsonError:
                return text
        elif item:
            items.append(item)
        place = match.end()
    return items


def write_list(value: Any) -> str:
    """``a, b``, with quotes around a text that would be read differently without them."""
    if value is None:
        return ""
    return ", ".join(_quoted(item) for item in value) if value else _EMPTY_LIST


def _quoted(text: str) -> str:
    plain = text and text == text.strip() and not set(text) & set('",\\') and text.isprintable() and text != _EMPTY_LIST
    return text if plain else json.dumps(text, ensure_ascii=False)


def read_numbers(text: str) -> Any:
    """``1000, 5k`` as [1000, 5000]. A comma separates numbers, never thousands. A part that is no number stays text."""
    parts = [part.strip() for part in text.split(",")]
    if parts and not parts[-1]:
        parts.pop()
    return [part if re.match(r"0[0-9]", part) else read_number(part) for part in parts]


def write_numbers(value: Any) -> str:
    """``1000, 5000``, without thousands separators: a comma separates numbers."""
    return "" if value is None else ", ".join(write_number(item).replace(",", "") for item in value)


def read_span(text: str) -> Any:
    """``5 - 10`` as [5, 10]; an empty line is None."""
    if not text.strip():
        return None
    match = _SPAN.fullmatch(text.strip())
    return [_exact(match[1]), _exact(match[2])] if match else text


def write_span(value: Any) -> str:
    """``5 - 10``."""
    return "" if value is None else " - ".join(write_number(item).replace(",", "") for item in value)


def read_json(text: str) -> Any:
    """Any JSON; an empty line is None."""
    if not text.strip():
        return None
    try:
        return ANY_JSON.read(text)
    except BadJsonError:
        return text


def write_json(value: Any) -> str:
    """JSON on one line; an empty line for None."""
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def read_size(text: str) -> Any:
    """A number, or the JSON of a distribution."""
    return read_json(text) if text.lstrip().startswith("{") else read_number(text)


def write_size(value: Any) -> str:
    """A number, or the JSON of a distribution."""
    return write_json(value) if isinstance(value, dict) else write_number(value)


def read_lines(text: str) -> Any:
    """``2`` as it is, ``[2, 5]`` as a list."""
    return read_json(text) if text.lstrip().startswith("[") else read_number(text)


def write_lines(value: Any) -> str:
    """A number, or a list in brackets."""
    return write_json(value) if isinstance(value, list) else write_number(value)


def read_optional_number(text: str) -> Any:
    """A number; an empty line is None."""
    return read_number(text) if text.strip() else None


def read_processors(text: str) -> Any:
    """``off`` and ``spread`` as they are, ``0, 1`` as [0, 1]."""
    word = text.strip()
    return word.lower() if word.isalpha() else read_numbers(word)


def write_processors(value: Any) -> str:
    """``off``, ``spread``, or ``0, 1``."""
    return write_text(value) if isinstance(value, str) else write_numbers(value)


NUMBER = Codec(read_number, write_number)
TEXT = Codec(read_text, write_text)
OPTIONAL_TEXT = Codec(read_optional_text, write_text)
TEXTS = Codec(read_list, write_list, 'written a, b ("" is every one)')
NUMBERS = Codec(read_numbers, write_numbers, "written 1000, 5000")
LINES = Codec(read_lines, write_lines, "written 2, or [2, 5]")
OPTIONAL_NUMBER = Codec(read_optional_number, write_number)
PROCESSORS = Codec(read_processors, write_processors, "written off, spread or 0, 1")
SPAN = Codec(read_span, write_span, "written from - to")
OBJECT = Codec(read_json, write_json, 'written {"ok": true}')
SWITCH = Codec(read_text, lambda value: "on" if value else "off")
SIZE = Codec(read_size, write_size)
