"""Records of JSON text: one value a line, several values one after the other, or values over several lines.

A value is a record, and its number is its first line. A string has no line break in it. So after a broken value the
reader goes on at the next line that cannot continue it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from bench_app.sources.long_line import BLANKS, LongLine, piece_bytes
from bench_app.sources.record import MAX_RECORD_BYTES, BadRecord, ByteFile, Record, SkipReason
from bench_app.untrusted.json_reader import BadJsonError, JsonReader

_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"?|[{}\[\]]')
_NOT_INNER = re.compile(rb"[{}\[\]\\]")
_INDENTS = (b" ", b"\t")
_ANY = JsonReader(msgspec.Raw)
_NEXT_OBJECT = re.compile(rb"\}[\s\x1e]*\{")


def read_json_text(file: ByteFile) -> Iterator[Record | BadRecord]:
    """A record for each value. Text that is no value is a record, too: the check of the record says what is wrong."""
    cutter = _Cutter()
    lines = _lines(file)
    for line in lines:
        if isinstance(line, LongLine):
            yield from cutter.take(line.whole()) if cutter.is_open else line.values()
            continue
        if not cutter.is_open and isinstance(line, Record):
            text = line.text.strip(BLANKS)
            if not text:
                continue
            if _is_one_object(text):
                yield Record(line.number, text)
                continue
            if text == b"{" and line.text[:1] == b"{":
                group, whole = _pretty_printed(line, lines)
                if whole is not None:
                    yield Record(line.number, whole)
                    continue
                for one in group:
                    yield from cutter.take(one)
                continue
        yield from cutter.take(line)
    yield from cutter.give_up()


def _lines(file: ByteFile) -> Iterator[Record | BadRecord | LongLine]:
    """All lines. A long one that may have several values is not read as a whole."""
    number = 0
    while head := file.readline(piece_bytes()):
        number += 1
        if len(head) < piece_bytes() or head.endswith(b"\n"):
            yield Record(number, head)
            continue
        line = LongLine(number, head, file)
        yield line if head.lstrip(BLANKS)[:1] in (b"{", b"[") else line.whole()


def _pretty_printed(
    first: Record, lines: Iterator[Record | BadRecord | LongLine]
) -> tuple[list[Record | BadRecord], bytes | None]:
    """The lines from a bracket to the next line that is not indented, and the object that they are, if they are one.

    A quick way, because a line of a pretty-printed file is short, and each costs time.
    """
    group: list[Record | BadRecord] = [first]
    texts, size = [b"{"], 1
    for next_line in lines:
        line = next_line.whole() if isinstance(next_line, LongLine) else next_line
        group.append(line)
        if isinstance(line, BadRecord):
            return group, None
        text = line.text
        texts.append(text.strip(BLANKS))
        size += len(text)
        if text[:1] not in _INDENTS or size > MAX_RECORD_BYTES:
            break
    if texts[-1] != b"}" or size > MAX_RECORD_BYTES:
        return group, None
    whole = b"\n".join(texts)
    try:
        _ANY.read(whole)
    except BadJsonError:
        return group, None
    return group, whole


def _is_one_object(text: bytes) -> bool:
    """Whether a line is most likely one object. A quick test, because nearly all lines of most files are one."""
    opened = text.count(b"{")
    if not (text.startswith(b"{") and text.endswith(b"}") and opened == text.count(b"}")):
        return False
    return opened == 1 or _NEXT_OBJECT.search(text) is None


class _Cutter:
    """Cuts lines of text into values: at the bracket that closes the first one."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._brackets = bytearray()
        self._number = 0
        self._bytes = 0

    @property
    def is_open(self) -> bool:
        """Whether a value goes on in the next line."""
        return bool(self._brackets)

    def take(self, line: Record | BadRecord) -> Iterator[Record | BadRecord]:
        """The records that end in a line."""
        if isinstance(line, BadRecord):
            yield from self.give_up()
            yield line
            return
        text = line.text.strip(BLANKS)
        if not text or (self.is_open and self.keep_inner(text)):
            return
        if not self.is_open and _is_one_object(text):
            yield Record(line.number, text)
        else:
            yield from self.feed(line.number, text)

    def keep_inner(self, text: bytes) -> bool:
        """Keep a line that neither begins nor ends a value. Returns False, and keeps nothing, if it may be another.

        A quick test, because most lines of a value over several lines are such lines.
        """
        if _NOT_INNER.search(text) or text.count(b'"') % 2 or self._bytes + len(text) > MAX_RECORD_BYTES:
            return False
        self._keep(text)
        return True

    def feed(self, number: int, text: bytes) -> Iterator[Record | BadRecord]:
        """The records that end in a line, which is not blank."""
        if self.is_open and not self._can_continue(text):
            yield from self.give_up()
        carries_on = self.is_open
        if not carries_on:
            self._number = number
        found, is_broken = self._cut(number, text)
        if is_broken and not carries_on:
            # A line is bad as a whole: "{} x" has no event.
            self._drop()
            yield Record(number, text)
            return
        yield from found
        if is_broken:
            yield from self.give_up()
        elif self._bytes > MAX_RECORD_BYTES:
            self._drop()
            yield BadRecord(self._number, f"longer than {MAX_RECORD_BYTES:,} bytes", SkipReason.OVER_LIMIT)

    def give_up(self) -> Iterator[Record]:
        """What is open, as a record. It is no value."""
        if self._parts:
            yield Record(self._number, b"\n".join(self._parts))
        self._drop()

    def _drop(self) -> None:
        self._parts = []
        self._brackets.clear()
        self._bytes = 0

    def _can_continue(self, text: bytes) -> bool:
        """Whether a line can be the next one of the open value. An object cannot follow a value or begin a key."""
        if not text.startswith(b"{"):
            return True
        before = self._parts[-1][-1:]
        if before == b":" and len(self._parts) == 1 and _is_one_object(text):
            # A line that was cut after a key, and the event after it.
            return False
        return before in (b",", b"[", b":") if self._brackets[-1:] == b"[" else before == b":"

    def _cut(self, number: int, text: bytes) -> tuple[list[Record], bool]:
        """The values that end in a line, and whether the line has anything beside values."""
        found: list[Record] = []
        begin = 0
        for token in _TOKENS.finditer(text):
            mark = token[0]
            if mark[:1] == b'"':
                is_closed = len(mark) > 1 and mark.endswith(b'"')
                if not self._brackets or not is_closed:
                    self._keep(text[begin:])
                    return found, True
            elif mark in b"{[":
                if not self._brackets:
                    if text[begin : token.start()].strip(BLANKS):
                        return found, True
                    self._number, begin = number, token.start()
                self._brackets += mark
            elif not self._brackets:
                self._keep(text[begin:])
                return found, True
            else:
                del self._brackets[-1]
                if not self._brackets:
                    self._keep(text[begin : token.end()])
                    found.append(Record(self._number, b"\n".join(self._parts)))
                    self._drop()
                    begin = token.end()
        rest = text[begin:].strip(BLANKS)
        if rest:
            self._keep(rest)
        return found, bool(rest) and not self._brackets

    def _keep(self, text: bytes) -> None:
        self._parts.append(text)
        self._bytes += len(text)
