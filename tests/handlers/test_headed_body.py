"""Bodies with a head; tests/data_plane compares what a compiled sender makes of them with the Python cores."""

from __future__ import annotations

import struct

import pytest

from bench_app.handlers.headed_body import FramedBody, PathBody, text_head


@pytest.mark.parametrize("frames", [[b"a"], [b"topic", b"", b'{"a":1}', b"\xff\x00"], [b"", b""]])
def test_the_frames_of_a_message(frames: list[bytes]) -> None:
    body = FramedBody.of(frames)
    assert (body, body.frames) == (b"".join(frames), frames)
    *sizes, count = struct.unpack(f"={len(frames) + 1}q", body.head)
    assert (sizes, count) == ([len(frame) for frame in reversed(frames)], len(frames))


def test_the_path_of_a_message() -> None:
    body = PathBody.of(b"{}", b"north.1")
    assert (bytes(body), body.path, body.head) == (b"{}", b"north.1", b"north.1" + struct.pack("=q", 7))
    assert text_head(b"") == bytes(8)
