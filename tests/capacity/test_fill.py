"""Filling, stepped with a clock of the test: sending, waiting and stopping."""

from __future__ import annotations

from pathlib import Path

import pytest
import zmq

from bench_app.capacity.fill import RETRY_S, STANDSTILL_S, Filler, Filling, Limits
from bench_app.capacity.places import KernelView
from bench_app.errors import InputError
from bench_app.measure.clock import NEVER_NS
from bench_app.model import MaxLoad, ReplaySource, SyntheticSource
from bench_app.sources.feed import Feed
from bench_app.sources.open_feed import open_feed


class Bench:
    """A connection that takes ``room`` messages of 10 bytes, and a clock that moves only while sleeping."""

    def __init__(self, room: int, views: list[KernelView | None] | None = None) -> None:
        self.room = room
        self.now_s = 100.0
        self.sent_at_s: list[float] = []
        self.refused_at_s: list[float] = []
        self._views = views or [None]

    def send(self, body: bytearray, number: int, due_ns: int, now_ns: int, /) -> None:
        if len(self.sent_at_s) == self.room:
            self.refused_at_s.append(self.now_s)
            raise zmq.Again
        assert number == len(self.sent_at_s) + 1
        self.sent_at_s.append(self.now_s)

    def size_on_wire(self, body: bytearray, /) -> int:
        return 10

    def view(self) -> KernelView | None:
        return self._views.pop(0) if len(self._views) > 1 else self._views[0]

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now_s += seconds

    def fill(self, rate: float | None, limits: Limits, feed: Feed[bytearray] | None = None) -> Filling:
        source = SyntheticSource(load=MaxLoad(), pool=2)
        feed = feed or open_feed(source, base_dir=Path(), render=bytearray, reserve=0, duration_ns=NEVER_NS)
        filler = Filler(self, feed, self.view, rate, limits, clock=lambda: self.now_s, sleep=self.sleep)
        return filler.fill()


def test_a_connection_is_full_after_refusing_for_the_standstill() -> None:
    bench = Bench(room=7)
    filling = bench.fill(None, Limits())
    assert filling.full
    assert list(filling.ends) == [10, 20, 30, 40, 50, 60, 70]
    assert bench.refused_at_s[-1] - bench.sent_at_s[-1] == pytest.approx(STANDSTILL_S, abs=2 * RETRY_S)


def test_a_connection_is_not_full_while_the_kernel_moves_bytes() -> None:
    moving = [KernelView(number, 0, 0) for number in (0, 10, 20)]
    bench = Bench(room=1, views=[*moving, moving[-1]])
    filling = bench.fill(None, Limits())
    assert filling.full
    assert filling.view == moving[-1]
    # Two changes of the kernel's buffers, then one standstill.
    assert bench.refused_at_s[-1] - bench.sent_at_s[-1] == pytest.approx(3 * STANDSTILL_S, abs=10 * RETRY_S)


@pytest.mark.parametrize(
    ("limits", "sent"), [(Limits(messages=5), 5), (Limits(bytes=41), 5), (Limits(bytes=40), 4), (Limits(messages=0), 0)]
)
def test_a_limit_ends_filling_although_there_is_room(limits: Limits, sent: int) -> None:
    filling = Bench(room=1000).fill(None, limits)
    assert not filling.full
    assert len(filling.ends) == sent


def test_the_time_limit_ends_filling() -> None:
    filling = Bench(room=1000).fill(10, Limits(seconds=1.0))
    assert not filling.full
    assert 10 <= len(filling.ends) <= 12


def test_filling_keeps_the_rate_for_the_paced_time_only() -> None:
    bench = Bench(room=10_000)
    filling = bench.fill(50, Limits(paced_s=0.5, messages=300))
    assert filling.paced == 25
    assert bench.sent_at_s[:25] == pytest.approx([100 + number / 50 for number in range(25)])
    assert bench.sent_at_s[25:] == pytest.approx([100.5] * 275)


def test_without_a_rate_no_message_is_paced() -> None:
    bench = Bench(room=10_000)
    assert bench.fill(None, Limits(messages=300)).paced == 0
    assert bench.sent_at_s == [100.0] * 300


def test_a_source_that_runs_out_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"a":1}\n{"a":2}\n')
    source = ReplaySource(path="a.jsonl", load=MaxLoad())
    feed = open_feed(source, base_dir=tmp_path, render=bytearray, reserve=0, duration_ns=NEVER_NS)
    bench = Bench(room=10)
    with pytest.raises(InputError, match="the source has no more events"):
        bench.fill(None, Limits(), feed)
    feed.close()
    assert len(bench.sent_at_s) == 2
