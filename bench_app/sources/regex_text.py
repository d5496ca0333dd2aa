"""Random texts that match a regular expression of the usual kind: pattern -> **text** -> event by a schema.

Read are literals, escapes, classes, groups, alternatives, repetitions and anchors at the ends: what patterns in schemas
consist of. Look-arounds, back references and properties of Unicode are not.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from random import Random

MOST_REPEATS = 8
"""How often a part is repeated at most, if the pattern has no limit."""

_DIGITS = string.digits
_WORD = string.ascii_letters + string.digits + "_"
_SPACE = " "
_ANY = string.ascii_letters + string.digits + " -_.:"
_PRINTABLE = "".join(map(chr, range(32, 127)))
_CLASSES = {"d": _DIGITS, "w": _WORD, "s": _SPACE, "D": string.ascii_letters, "W": " -.:", "S": _WORD}
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}

Maker = Callable[[Random], str]


class UnreadPatternError(ValueError):
    """A pattern has a part that is not read. The text of the error names the part."""


def maker_of(pattern: str) -> Maker:
    """A function that makes a random text that matches. Raises UnreadPatternError."""
    parser = _Parser(pattern)
    make = parser.alternatives()
    if not parser.is_at_end:
        raise UnreadPatternError("a closing bracket without an opening one")
    return make


class _Parser:
    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0

    @property
    def is_at_end(self) -> bool:
        return self._at >= len(self._text)

    def alternatives(self) -> Maker:
        branches = [self._sequence()]
        while self._take("|"):
            branches.append(self._sequence())
        return branches[0] if len(branches) == 1 else lambda random: random.choice(branches)(random)

    def _sequence(self) -> Maker:
        parts: list[Maker] = []
        while not self.is_at_end and self._text[self._at] not in "|)":
            if (part := self._part()) is not None:
                parts.append(self._repeated(part))
        return lambda random: "".join(part(random) for part in parts)

    def _part(self) -> Maker | None:
        """The next part; None for an anchor, which has no text."""
        mark = self._next()
        if mark in "^$":
            return None
        if mark == "(":
            return self._group()
        if mark == "[":
            return _one_of(self._characters())
        if mark == ".":
            return _one_of(_ANY)
        if mark in "*+?{":
            raise UnreadPatternError(f"{mark} without a part before it")
        if mark == "\\":
            return self._escape()
        return lambda _: mark

    def _group(self) -> Maker:
        if self._take("?"):
            if self._take("<") and not self._text.startswith(("=", "!"), self._at):
                self._at = self._text.index(">", self._at) + 1
            elif not self._take(":"):
                raise UnreadPatternError(f"(?{self._text[self._at : self._at + 1]}")
        make = self.alternatives()
        if not self._take(")"):
            raise UnreadPatternError("an opening bracket without a closing one")
        return make

    def _escape(self) -> Maker | None:
        mark = self._next()
        if mark in "bB":
            raise UnreadPatternError(f"\\{mark}")
        if mark in "AZz":
            return None
        if mark in _CLASSES:
            return _one_of(_CLASSES[mark])
        character = self._escaped(mark)
        return lambda _: character

    def _escaped(self, mark: str) -> str:
        if mark in _CONTROLS:
            return _CONTROLS[mark]
        digits = {"x": 2, "u": 4}.get(mark, 0)
        if digits:
            code = self._text[self._at : self._at + digits]
            self._at += digits
            try:
                return chr(int(code, 16))
            except ValueError:
                raise UnreadPatternError(f"\\{mark}{code}") from None
        if mark.isalnum():
            raise UnreadPatternError(f"\\{mark}")
        return mark

    def _characters(self) -> str:
        is_negated = self._take("^")
        found = ""
        is_first = True
        while is_first or not self._text.startswith("]", self._at):
            is_first = False
            low = self._class_item()
            if len(low) == 1 and self._text.startswith("-", self._at) and not self._text.startswith("-]", self._at):
                self._at += 1
                high = self._class_item()
                found += "".join(map(chr, range(ord(low), ord(high) + 1)))
            else:
                found += low
        self._at += 1
        if is_negated:
            found = "".join(character for character in _PRINTABLE if character not in found)
        if not found:
            raise UnreadPatternError("a class without a character")
        return found

    def _class_item(self) -> str:
        mark = self._next()
        if mark != "\\":
            return mark
        mark = self._next()
        return _CLASSES[mark] if mark in _CLASSES else "\b" if mark == "b" else self._escaped(mark)

    def _repeated(self, part: Maker) -> Maker:
        least, most = self._limits()
        self._take("?") or self._take("+")
        if (least, most) == (1, 1):
            return part
        return lambda random: "".join(part(random) for _ in range(random.randint(least, most)))

    def _limits(self) -> tuple[int, int]:
        for mark, limits in (("*", (0, MOST_REPEATS)), ("+", (1, MOST_REPEATS)), ("?", (0, 1))):
            if self._take(mark):
                return limits
        if not self._take("{"):
            return 1, 1
        end = self._text.find("}", self._at)
        least, comma, most = self._text[self._at : max(end, self._at)].partition(",")
        if end < 0 or not least.isdigit() or (most and not most.isdigit()):
            raise UnreadPatternError("{ without a number of repeats")
        self._at = end + 1
        low = int(least)
        return low, int(most) if most else low + MOST_REPEATS if comma else low

    def _take(self, mark: str) -> bool:
        if self._text.startswith(mark, self._at):
            self._at += len(mark)
            return True
        return False

    def _next(self) -> str:
        if self.is_at_end:
            raise UnreadPatternError("it ends too early")
        self._at += 1
        return self._text[self._at - 1]


def _one_of(characters: str) -> Maker:
    return lambda random: random.choice(characters)
