"""The places of messages, computed without sockets."""

from __future__ import annotations

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from bench_app.capacity import places
from bench_app.capacity.places import KernelView, Place

ENDS = [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]


def messages(found: list[Place]) -> dict[str, int]:
    return {place.place: place.messages for place in found}


def test_messages_are_split_at_the_byte_positions_of_the_kernel() -> None:
    # 1000 bytes sent: 450 arrived, of which 150 are unread; 300 more have left the sender.
    found = places.by_position(ENDS, 2, KernelView(arrived=450, unread=150, unacknowledged=300))
    assert messages(found) == {
        "send_pipe": 3,
        "send_buffer": 3,
        "receive_buffer": 1,
        "decoder": 1,
        "receive_pipe": 2,
    }
    assert {place.place: place.bytes for place in found if place.bytes is not None} == {
        "send_buffer": 300,
        "receive_buffer": 150,
    }


def test_a_message_in_two_places_counts_at_its_end() -> None:
    found = places.by_position([100, 200], 5, KernelView(arrived=150, unread=0, unacknowledged=10))
    assert messages(found) == {"send_pipe": 1, "send_buffer": 0, "receive_buffer": 0, "decoder": 0, "receive_pipe": 1}


def test_without_the_kernel_the_rest_beyond_the_marks_is_inferred() -> None:
    assert messages(places.by_marks(100, 10, 20)) == {"send_pipe": 10, "between": 70, "receive_pipe": 20}


def test_a_full_connection_may_hold_less_than_both_marks() -> None:
    # The sender's pipe reopens in steps of half its mark, so it may not be full when the socket refuses.
    assert messages(places.by_marks(1000, 1000, 10)) == {"send_pipe": 990, "between": 0, "receive_pipe": 10}


@given(
    sizes=st.lists(st.integers(2, 500), min_size=1, max_size=60),
    cuts=st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)),
    marks=st.tuples(st.integers(1, 80), st.integers(1, 80)),
)
def test_the_places_always_add_up_to_all_messages(
    sizes: list[int], cuts: tuple[float, float, float], marks: tuple[int, int]
) -> None:
    ends = list(accumulate(sizes))
    taken, arrived, left = sorted(int(cut * ends[-1]) for cut in cuts)
    counted = KernelView(arrived, arrived - taken, left - arrived)
    uncounted = KernelView(None, arrived - taken, 0)
    for found in (
        places.by_position(ends, marks[1], counted),
        places.by_kernel(ends, marks[1], uncounted),
        places.by_marks(len(ends), *marks),
        places.in_one_pipe(len(ends)),
    ):
        assert sum(place.messages for place in found) == len(ends)
        assert all(place.messages >= 0 for place in found)
        assert messages(found).get("receive_pipe", 0) <= marks[1]
