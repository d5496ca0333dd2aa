"""What ``listen`` finds in the frames of a message, and how it shows them."""

from __future__ import annotations

from bench_app.cli.received_message import (
    SHOWN_CHARACTERS,
    SHOWN_FRAMES,
    FrameSizes,
    ReceivedMessage,
    format_message,
    received_message,
)
from bench_app.transport import stamp

IDENTITY = stamp.Identity(1, 2)
STAMP_FRAME = IDENTITY.text + stamp.times(7, 400, 500)
STAMPED_BODY = bytes(stamp.wrap(IDENTITY, b'{"a":1}')).replace(b"-".join([b"0" * 16] * 3), stamp.times(7, 400, 500))


def test_a_long_message_is_cut_and_other_bytes_are_escaped() -> None:
    assert format_message(ReceivedMessage("t", [b"text"])) == "t  text"
    assert format_message(ReceivedMessage("", [b"x" * (SHOWN_CHARACTERS + 1)])) == "x" * SHOWN_CHARACTERS + "…"
    assert format_message(ReceivedMessage("", [b"x" * SHOWN_CHARACTERS])) == "x" * SHOWN_CHARACTERS
    assert format_message(ReceivedMessage("", [b"\xff"])) == "\\xff"


def test_all_frames_are_shown_and_sized() -> None:
    message = received_message([b"newblock", b'{"height": 1}', b"\x01\x00\x00\x00"], has_topic=True)
    assert format_message(message) == 'newblock  {"height": 1} | \\x01\\x00\\x00\\x00'
    assert (message.topic, message.size, message.frame_sizes) == ("newblock", 17, (8, 13, 4))
    assert format_message(received_message([b"{}", b"body", b""], has_topic=False)) == "{} | body | "
    many = format_message(ReceivedMessage("", [b"x"] * (SHOWN_FRAMES + 3)))
    assert many.count("x") == SHOWN_FRAMES
    assert many.endswith(" | 3 more frames")


def test_a_single_frame_is_cut_only_if_the_framing_is_joined() -> None:
    frames = [b"pump 3 is at 41.5 bar"]
    assert received_message(frames, has_topic=True) == ReceivedMessage("", frames)
    assert received_message(frames, has_topic=True, is_joined=True) == ("pump", (b"3 is at 41.5 bar",), 0)
    assert received_message(frames, has_topic=False, is_joined=True) == ReceivedMessage("", frames)
    assert received_message([b"noblank"], has_topic=True, is_joined=True) == ReceivedMessage("", [b"noblank"])


def test_the_stamp_is_found_wherever_it_is() -> None:
    for frames in (
        [STAMPED_BODY],
        [b"a.topic " + STAMPED_BODY],
        [b"header", STAMPED_BODY, b"counter"],
        [b'{"a":1}', STAMP_FRAME],
        [STAMP_FRAME],
    ):
        assert ReceivedMessage("", frames).sent_ns == 500, frames
    for frames in ([b'{"a":1}'], [STAMP_FRAME + b"0"], [b"x" + STAMPED_BODY], [STAMPED_BODY[:40]]):
        assert ReceivedMessage("", frames).sent_ns == 0, frames


def test_the_event_has_the_keys_of_all_frames() -> None:
    assert ReceivedMessage("", [b'{"a":1}', STAMP_FRAME]).event == {"a": 1}
    assert ReceivedMessage("", [b'{"type":"job","v":1}', b'{"v":2}', b""]).event == {"type": "job", "v": 2}
    assert ReceivedMessage("", [b"[1]", b"\xff"]).event == [1]
    assert ReceivedMessage("", [b"\xff"]).event == b"\xff"


def test_sizes_of_frames_are_listed_if_there_are_more_than_topic_and_body() -> None:
    sizes = FrameSizes()
    sizes.add((5, 100))
    assert sizes.lines() == []
    sizes.add((5, 90, 4))
    assert sizes.lines() == ["2 to 3 frames a message, of 5, 90 to 100, 4 bytes"]
    sizes.add((1,) * (SHOWN_FRAMES + 1))
    assert sizes.lines()[0].endswith(" ... bytes")
