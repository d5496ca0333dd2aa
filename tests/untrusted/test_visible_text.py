"""Control characters as escapes: nothing that a terminal obeys is left, and ordinary text is unchanged."""

from __future__ import annotations

import json
import unicodedata

import pytest

from bench_app.untrusted.visible_text import harmless_json, visible, visible_lines

ESCAPED = {
    "\x1b[2J\x1b]0;title\x07": r"\x1b[2J\x1b]0;title\x07",
    "a\nb\r\tc\x00": r"a\nb\r\tc\x00",
    "\x7f\x9b31m\x85": r"\x7f\x9b31m\x85",
    "gpj.\u202eexe": r"gpj.\u202eexe",
    "\u2066x\u2069 \u061c \u200f": r"\u2066x\u2069 \u061c \u200f",
    "\u2028\ufeff\U000e0041": r"\u2028\ufeff\U000e0041",
    "file\udcff": r"file\udcff",
}
PLAIN = ["", "plain", "Köln → 日本", "👩\u200d🔧", "a\\x1b", "שלום", "<b>&amp;</b>", "no\u00a0break"]


@pytest.mark.parametrize("text", ESCAPED)
def test_control_characters_become_escapes(text: str) -> None:
    assert visible(text) == ESCAPED[text]


@pytest.mark.parametrize("text", PLAIN)
def test_ordinary_text_is_unchanged(text: str) -> None:
    assert visible(text) == visible_lines(text) == text


def test_lines_stay_lines_if_they_are_meant_to() -> None:
    assert visible_lines("a\n\x1bb\r\n") == "a\n\\x1bb\\r\n"


def test_no_control_character_of_unicode_is_left() -> None:
    everything = "".join(map(chr, range(0x110000)))
    left = set(visible(everything))
    assert not {unicodedata.category(char) for char in left} & {"Cc", "Cs", "Zl", "Zp"}
    directions = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    assert not {unicodedata.bidirectional(char) for char in left} & directions


def test_an_escape_is_stable() -> None:
    for text in ESCAPED:
        assert visible(visible(text)) == visible(text)


def test_json_keeps_its_values() -> None:
    value = {"a\x9b": ["\u202e", "\x1b", "日本", "\U000e0041"]}
    data = json.dumps(value, ensure_ascii=False, indent=2).encode()
    shown = harmless_json(data)
    assert json.loads(shown) == value
    assert "\x9b" not in shown.decode() and "\u202e" not in shown.decode() and "日本" in shown.decode()
    assert harmless_json(b'{"a": 1}\n') == b'{"a": 1}\n'
