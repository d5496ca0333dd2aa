"""Decompresses a file by its content, whatever its name ends with: file -> **plain bytes** -> records.

gzip, bzip2 and xz are in the standard library. zstd is there from Python 3.14 on; an older Python needs the package
``zstandard``, which ``pip install zmq-bench[zstd]`` installs.
"""

from __future__ import annotations

import bz2
import gzip
import importlib
import io
import lzma
import zlib
from collections.abc import Callable
from types import ModuleType
from typing import Any, BinaryIO, NamedTuple, Protocol, cast

from bench_app.sources.record import BrokenFileError

BUFFER_BYTES = 256 * 1024
_MOST_MEMORY_BYTES = 512 * 1024 * 1024
"""A file that needs more memory to be decompressed is refused. The highest usual level of xz needs 65 MB."""
_ZSTD_WINDOW_LOG = 27
"""The largest window, as a power of two: 128 MB, that of the highest usual level of zstd."""
_ZSTD_PIECE_BYTES = 2048


class _Decompressor(Protocol):
    """The decompressors of bzip2, xz and zstd in the standard library."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /, max_length: int = -1) -> bytes: ...


class _Decompressed(io.RawIOBase):
    """The plain bytes of a file of one or more compressed streams, one after the other."""

    def __init__(self, file: BinaryIO, kind: str, make: Callable[[], _Decompressor]) -> None:
        self._file = file
        self._kind = kind
        self._make = make
        self._stream = make()
        self._pending = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._read(len(buffer))
        except (OSError, EOFError, ValueError, lzma.LZMAError) as error:
            raise BrokenFileError(f"the {self._kind} data is broken: {error}") from error
        buffer[: len(data)] = data
        return len(data)

    def _read(self, size: int) -> bytes:
        while True:
            if self._stream.eof:
                self._pending = self._stream.unused_data or self._file.read(BUFFER_BYTES)
                # Zeros may fill the last block of a tape or an archive.
                if not self._pending.strip(b"\0"):
                    return b""
                self._stream = self._make()
            if self._stream.needs_input and not self._pending:
                self._pending = self._file.read(BUFFER_BYTES)
                if not self._pending:
                    raise EOFError("it ends before the end of its stream")
            data, self._pending = self._stream.decompress(self._pending, max_length=size), b""
            if data:
                return data


class _Gzip(io.RawIOBase):
    """The plain bytes of gzip members, one after the other."""

    def __init__(self, file: BinaryIO) -> None:
        self._gzip = gzip.GzipFile(fileobj=file, mode="rb")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._gzip.read1(len(buffer))
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise BrokenFileError(f"the gzip data is broken: {error}") from error
        buffer[: len(data)] = data
        return len(data)


class _Kind(NamedTuple):
    """A kind of compression: its name, the bytes it begins with, and its plain bytes."""

    name: str
    magic: bytes
    open: Callable[[BinaryIO], io.RawIOBase]


def _bzip2(file: BinaryIO) -> io.RawIOBase:
    return _Decompressed(file, "bzip2", bz2.BZ2Decompressor)


def _xz(file: BinaryIO) -> io.RawIOBase:
    return _Decompressed(file, "xz", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_MEMORY_BYTES))


def _zstd(file: BinaryIO) -> io.RawIOBase:
    own = _module("compression.zstd")
    if own is not None:
        options = {own.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG}
        return _Decompressed(file, "zstd", lambda: cast(_Decompressor, own.ZstdDecompressor(options=options)))
    package = _module("zstandard")
    if package is None:
        raise BrokenFileError('it is compressed with zstd, which needs: pip install "zmq-bench[zstd]"')
    return _Decompressed(file, "zstd", lambda: _ZstandardStream(package))


def _module(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


class _ZstandardStream:
    """A decompressor of the package ``zstandard`` with the methods of those in the standard library.

    The package does not limit the plain bytes of a call, and 4 bytes can become 128 KiB. So it gets small pieces.
    """

    def __init__(self, package: Any) -> None:
        self._error: type[Exception] = package.ZstdError
        self._stream = package.ZstdDecompressor(max_window_size=2**_ZSTD_WINDOW_LOG).decompressobj()
        self._input = memoryview(b"")
        self._plain = memoryview(b"")

    @property
    def eof(self) -> bool:
        return bool(self._stream.eof) and not self._plain

    @property
    def needs_input(self) -> bool:
        return not self._plain and not self._input

    @property
    def unused_data(self) -> bytes:
        return bytes(self._stream.unused_data) + bytes(self._input)

    def decompress(self, data: bytes, /, max_length: int = -1) -> bytes:
        if data:
            self._input = memoryview(bytes(self._input) + data)
        if not self._plain and self._input:
            piece, self._input = self._input[:_ZSTD_PIECE_BYTES], self._input[_ZSTD_PIECE_BYTES:]
            try:
                self._plain = memoryview(self._stream.decompress(piece))
            except self._error as error:
                raise ValueError(str(error)) from error
        plain, self._plain = self._plain[:max_length], self._plain[max_length:]
        return bytes(plain)


_KINDS = (
    _Kind("gzip", b"\x1f\x8b", _Gzip),
    _Kind("bzip2", b"BZh", _bzip2),
    _Kind("xz", b"\xfd7zXZ\0", _xz),
    _Kind("zstd", b"\x28\xb5\x2f\xfd", _zstd),
)
_ARCHIVES = {b"PK\x03\x04": "a zip archive", b"7z\xbc\xaf\x27\x1c": "a 7z archive", b"Rar!\x1a\x07": "a rar archive"}
_UNREAD = {b"\x04\x22\x4d\x18": "lz4", b"\x1f\x9d": "compress (.Z)", b"]\0\0": "lzma (.lzma)"}
ENDINGS = (".gz", ".bz2", ".xz", ".zst", ".zstd")
"""The usual endings of compressed files. They say nothing of the format inside."""


def decompressed(file: io.BufferedReader[Any]) -> tuple[io.BufferedReader[Any], str]:
    """The plain bytes of a file, and the name of its compression; "" if it has none. Raises BrokenFileError."""
    head = file.peek(8)[:8]
    for magic, archive in _ARCHIVES.items():
        if head.startswith(magic):
            raise BrokenFileError(f"{archive}: unpack it first")
    for magic, method in _UNREAD.items():
        if head.startswith(magic):
            raise BrokenFileError(f"compressed with {method}, which is not read: unpack it first")
    for kind in _KINDS:
        if head.startswith(kind.magic):
            return io.BufferedReader(kind.open(cast(BinaryIO, file)), BUFFER_BYTES), kind.name
    return file, ""
