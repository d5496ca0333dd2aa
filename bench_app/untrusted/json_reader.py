"""The reader of JSON: text from outside -> **reader with limits** -> values.

All JSON that the bench reads passes here: messages, requests, replies, records of a replay, lines of ``send``, texts of
the window. Presets have a stricter reader, ``preset/json_reader.py``, which names line and column.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec

from bench_app.untrusted.json_depth import MAX_DEPTH, is_too_deep

MAX_BYTES = 64 * 1024 * 1024
"""The longest JSON text that is read."""

TOO_DEEP = f"nested too deeply: more than {MAX_DEPTH} levels"

_TOO_SHORT_TO_BE_DEEP = 2 * MAX_DEPTH
"""JSON closes each bracket that it opens."""

_T = TypeVar("_T")


class BadJsonError(ValueError):
    """A text that is not JSON, or that exceeds a limit. The text of the error says why.

    Attributes:
        is_over_limit: the text exceeds a limit. It may be JSON.
    """

    def __init__(self, reason: str, *, is_over_limit: bool = False) -> None:
        super().__init__(reason)
        self.is_over_limit = is_over_limit


class JsonReader(Generic[_T]):
    """Reads JSON as one type. Use one reader for many texts, because making a reader takes time."""

    def __init__(self, kind: type[_T]) -> None:
        self._decode = msgspec.json.Decoder(kind).decode

    def read(self, text: bytes | str) -> _T:
        """The value of a JSON text. Raises BadJsonError."""
        data = text.encode(errors="surrogatepass") if isinstance(text, str) else text
        if len(data) > MAX_BYTES:
            raise BadJsonError(f"longer than {MAX_BYTES:,} bytes", is_over_limit=True)
        # Most messages are too short to be too deep.
        if len(data) > _TOO_SHORT_TO_BE_DEEP and is_too_deep(data):
            raise BadJsonError(TOO_DEEP, is_over_limit=True)
        try:
            return self._decode(data)
        except RecursionError as error:
            # The text is short or has no end: the parser noticed the depth first.
            raise BadJsonError(TOO_DEEP, is_over_limit=True) from error
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise BadJsonError(str(error)) from error


ANY_JSON: JsonReader[Any] = JsonReader(object)
"""Reads any JSON as plain data."""
