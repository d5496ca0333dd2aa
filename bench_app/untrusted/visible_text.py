"""Text from outside -> **text that is harmless to show**: names, titles, topics, bodies, messages of a system.

A terminal obeys escape sequences and control characters, and both terminal and window obey characters that turn the
direction of writing. Each such character is shown as an escape, such as ``\\x1b``.
"""

from __future__ import annotations

import json
import re

_HIDDEN = (
    "\x00-\x1f\x7f-\x9f"  # C0, DEL and C1, which begins escape sequences as well
    "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"  # direction of writing, and characters without width
    "\u2028\u2029\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # line separators, marks and tags without a picture
    "\ud800-\udfff"  # halves of surrogate pairs, as in a file name that is not UTF-8
)
_CHARACTER = re.compile(f"[{_HIDDEN}]")
_CHARACTER_IN_LINE = re.compile(f"(?!\n)[{_HIDDEN}]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str) -> str:
    """The text on one line: every control character, line breaks included, is an escape."""
    return text if text.isascii() and text.isprintable() else _CHARACTER.sub(_escape, text)


def visible_lines(text: str) -> str:
    """The text with its line breaks; every other control character is an escape."""
    return text if text.isascii() and text.isprintable() else _CHARACTER_IN_LINE.sub(_escape, text)


def harmless_json(data: bytes) -> bytes:
    """The same JSON in UTF-8, safe for a terminal: control characters within its strings are escapes of JSON."""
    if data.isascii():
        return data  # JSON has no control characters of ASCII within its strings
    return _CHARACTER_IN_LINE.sub(lambda found: json.dumps(found[0])[1:-1], data.decode()).encode()


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if found[0] in _SHORT:
        return _SHORT[found[0]]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
