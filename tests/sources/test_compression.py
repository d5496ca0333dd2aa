"""Compressed files are recognised by their content."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
import tracemalloc
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from bench_app.sources import compression
from bench_app.sources.compression import decompressed
from bench_app.sources.record import BrokenFileError

PLAIN = b"".join(b"line %d %s\n" % (number, os.urandom(9).hex().encode()) for number in range(4_000))
COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}
ZSTD = b"\x28\xb5\x2f\xfd"


def opened(content: bytes) -> tuple[io.BufferedReader, str]:
    return decompressed(io.BufferedReader(io.BytesIO(content)))


@pytest.mark.parametrize("name", COMPRESSORS)
class TestStandardLibrary:
    def test_one_stream_and_several(self, name: str) -> None:
        compress = COMPRESSORS[name]
        for content in (compress(PLAIN), compress(PLAIN[:50_000]) + compress(b"") + compress(PLAIN[50_000:])):
            file, found = opened(content)
            assert (file.read(), found) == (PLAIN, name)

    @pytest.mark.parametrize("cut", [20, 5_000, -1])
    def test_a_cut_is_found(self, name: str, cut: int) -> None:
        file, _ = opened(COMPRESSORS[name](PLAIN)[:cut])
        with pytest.raises(BrokenFileError, match=f"the {name} data is broken"):
            while file.read(1000):
                pass

    def test_damage_is_found(self, name: str) -> None:
        content = bytearray(COMPRESSORS[name](PLAIN))
        content[len(content) // 2] ^= 255
        file, _ = opened(bytes(content))
        with pytest.raises(BrokenFileError, match=f"the {name} data is broken"):
            file.read()

    def test_a_file_that_becomes_very_large_takes_little_memory(self, name: str) -> None:
        content = COMPRESSORS[name](bytes(16 * 1024 * 1024))
        tracemalloc.start()
        try:
            file, _ = opened(content)
            size = sum(len(piece) for piece in iter(lambda: file.read(65_536), b""))
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert size == 16 * 1024 * 1024
        assert most < 12 * 1024 * 1024


@pytest.mark.parametrize("content", [b"", b"a", b'{"a":1}', b"BZ", b"\x1f"])
def test_other_content_is_plain(content: bytes) -> None:
    file, name = opened(content)
    assert (file.read(), name) == (content, "")


def test_an_archive_is_refused() -> None:
    with pytest.raises(BrokenFileError, match="a zip archive: unpack it first"):
        opened(b"PK\x03\x04....")


@pytest.mark.parametrize(
    ("content", "name"), [(b"\x04\x22\x4d\x18....", "lz4"), (b"\x1f\x9d....", ".Z"), (b"]\0\0\x80\0\xff", "lzma")]
)
def test_a_compression_that_is_not_read_is_named(content: bytes, name: str) -> None:
    with pytest.raises(BrokenFileError, match=f"{name}.*unpack it first"):
        opened(content)


def test_zstd_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    monkeypatch.setitem(sys.modules, "compression.zstd", None)
    with pytest.raises(BrokenFileError, match=r"zmq-bench\[zstd\]"):
        opened(ZSTD + b"....")


class _PretendedStream:
    """Doubles each byte until the byte "." ends the frame."""

    def __init__(self) -> None:
        self.eof = False
        self.unused_data = b""

    def decompress(self, data: memoryview) -> bytes:
        before, end, self.unused_data = bytes(data).removeprefix(ZSTD).partition(b".")
        self.eof = bool(end)
        return b"".join(bytes([byte, byte]) for byte in before)


def test_frames_of_the_package_for_zstd(monkeypatch: pytest.MonkeyPatch) -> None:
    package = SimpleNamespace(
        ZstdError=ValueError,
        ZstdDecompressor=lambda max_window_size: SimpleNamespace(decompressobj=_PretendedStream),
    )
    monkeypatch.setattr(compression, "_module", lambda name: package if name == "zstandard" else None)
    file, name = opened(ZSTD + b"ab" * 5_000 + b"." + ZSTD + b"cd.")
    assert (file.read(), name) == (b"aabb" * 5_000 + b"ccdd", "zstd")
    file, _ = opened(ZSTD + b"ab")
    with pytest.raises(BrokenFileError, match="the zstd data is broken: it ends before"):
        file.read()


def test_real_zstd() -> None:
    zstandard = pytest.importorskip("zstandard")
    content = zstandard.ZstdCompressor().compress(PLAIN)
    file, name = opened(content + content)
    assert (file.read(), name) == (PLAIN * 2, "zstd")
