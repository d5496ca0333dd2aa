"""Decodes what the archive keeps: bytes of the file -> **unpacking** -> records.

msgspec looks at a type when it first decodes it. If a second thread decodes the same type meanwhile, the process ends
with a segmentation fault, so only one thread at a time makes a decoder.
"""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import TypeVar

import msgspec

_S = TypeVar("_S", bound=msgspec.Struct)
_MAKING = Lock()


@cache
def _decoder_of(kind: type[_S]) -> msgspec.msgpack.Decoder[_S]:
    return msgspec.msgpack.Decoder(kind)


def unpack(data: bytes, kind: type[_S]) -> _S:
    """Decode a record; any thread may call this. Raises MsgspecError if the data is no such record."""
    with _MAKING:
        decoder = _decoder_of(kind)
    record: _S = decoder.decode(data)
    return record
