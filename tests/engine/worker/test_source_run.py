"""When a handler offers: start, pauses, changes of the load, and the end; stepped without sockets."""

from __future__ import annotations

from array import array
from pathlib import Path

import pytest

from bench_app.engine.worker.source_run import SourceRun
from bench_app.errors import SourceError
from bench_app.handlers.core import HandlerCore
from bench_app.measure.clock import NEVER_NS, NS_PER_MS, NS_PER_S
from bench_app.measure.counters import HandlerSlot
from bench_app.measure.recorder import Recorder
from bench_app.measure.sample_buffer import SampleBuffer
from bench_app.model import (
    ConstantLoad,
    HandlerConfig,
    Load,
    MaxLoad,
    RecordedLoad,
    ReplaySource,
    Source,
    SyntheticSource,
)
from bench_app.sources.open_feed import open_feed
from tests.handlers.core_bench import UNLIMITED, Clock, Port, Samples

START_NS = 50 * NS_PER_S


class Bench:
    """A run of 1 s before a core that sends into a port of the test."""

    def __init__(self, source: Source, room: int = UNLIMITED, warmup_ms: int = 0, folder: Path = Path()) -> None:
        self.clock = Clock(START_NS)
        self.port = Port(room)
        self.slots = memoryview(array("Q", bytes(8 * len(HandlerSlot))))
        config = HandlerConfig(queue_size=100, send_timeout=-1)
        core = HandlerCore(config, self.port, self.slots, SampleBuffer(Recorder()), self.clock)
        feed = open_feed(source, base_dir=folder, render=bytearray, reserve=0, duration_ns=NS_PER_S, objects_only=False)
        self.offered_late = Samples()
        self._buffer = SampleBuffer(self.offered_late)
        self.run = SourceRun(feed, core, self._buffer, NS_PER_S, warmup_ms * NS_PER_MS, self.clock)

    def step_at_ms(self, ms: float) -> int | None:
        """Step at this time of the run; returns when the next step is due, in ns of the run."""
        self.clock.now_ns = START_NS + int(ms * NS_PER_MS)
        next_ns = self.run.step(self.clock.now_ns)
        return next_ns if next_ns is None else next_ns - START_NS

    @property
    def due_ms(self) -> list[float]:
        """When the events that were sent were due, in ms of the run."""
        return [(intended_ns - START_NS) / NS_PER_MS for _, _, intended_ns, _ in self.port.taken]

    def offer_lateness_ms(self) -> list[float]:
        self._buffer.flush()
        return [value / NS_PER_MS for value in self.offered_late.values]


def synthetic(load: Load | None = None) -> SyntheticSource:
    return SyntheticSource(load=load or ConstantLoad(rate=10), pool=3)


def started(source: Source | None = None, room: int = UNLIMITED, warmup_ms: int = 0) -> Bench:
    bench = Bench(source or synthetic(), room, warmup_ms)
    bench.run.start(START_NS)
    return bench


def test_events_are_offered_when_they_are_due() -> None:
    bench = started()
    assert bench.step_at_ms(0) == 100 * NS_PER_MS
    assert bench.step_at_ms(250) == 300 * NS_PER_MS
    assert bench.due_ms == [0, 100, 200]
    assert bench.offer_lateness_ms() == [0, 150, 50]


def test_the_source_waits_for_the_end_of_its_duration() -> None:
    bench = started()
    assert bench.step_at_ms(950) == NS_PER_S
    assert len(bench.due_ms) == 10
    assert bench.step_at_ms(999) == NS_PER_S
    assert bench.step_at_ms(1000) is None


def test_a_late_source_offers_all_that_was_due_in_its_duration() -> None:
    bench = started(synthetic(ConstantLoad(rate=1000)))
    steps = 0
    while bench.step_at_ms(2000) is not None:
        steps += 1
    assert steps >= 3
    assert len(bench.due_ms) == 1000


def test_at_maximum_load_it_ends_with_its_duration_also_while_the_socket_is_full() -> None:
    bench = started(synthetic(MaxLoad()), room=10)
    assert bench.step_at_ms(0) == NS_PER_S
    assert bench.step_at_ms(999) == NS_PER_S
    assert bench.slots[HandlerSlot.QUEUE_OVERFLOW] == 0
    assert bench.step_at_ms(1000) is None


def test_a_stopped_source_offers_nothing_more() -> None:
    bench = started()
    bench.step_at_ms(0)
    bench.run.stop()
    assert bench.run.is_stopped
    assert bench.step_at_ms(500) is None
    assert bench.due_ms == [0]


def test_a_pause_offers_nothing_and_delays_the_events_after_it() -> None:
    bench = started()
    bench.step_at_ms(150)
    bench.run.pause()
    assert bench.step_at_ms(400) == NEVER_NS - START_NS
    bench.run.resume()
    assert bench.step_at_ms(400) == 450 * NS_PER_MS
    assert bench.step_at_ms(460) == 550 * NS_PER_MS
    assert bench.due_ms == [0, 100, 450]
    assert bench.step_at_ms(1249) == 1250 * NS_PER_MS
    assert bench.step_at_ms(1250) is None
    assert len(bench.due_ms) == 10


def test_a_paused_source_still_sends_its_queue_and_does_not_end() -> None:
    bench = started(synthetic(ConstantLoad(rate=100)), room=2)
    bench.step_at_ms(100)
    bench.run.pause()
    bench.port.room = 100
    assert bench.step_at_ms(5000) is not None
    assert bench.slots[HandlerSlot.ACCEPTED] == bench.slots[HandlerSlot.OFFERED] == 11


def test_a_second_pause_and_a_resume_too_many_change_nothing() -> None:
    bench = started()
    bench.run.pause()
    bench.clock.advance_ms(100)
    bench.run.pause()
    bench.clock.advance_ms(100)
    bench.run.resume()
    bench.run.resume()
    assert bench.step_at_ms(200) == 300 * NS_PER_MS
    assert bench.due_ms == [200]


@pytest.mark.parametrize(("resumed_ms", "first_ms"), [(500, 500), (-10, 0)])
def test_a_pause_that_began_before_the_start_counts_from_the_start(resumed_ms: int, first_ms: int) -> None:
    bench = Bench(synthetic())
    bench.clock.now_ns = START_NS - 200 * NS_PER_MS
    bench.run.pause()
    assert not bench.run.has_started
    bench.run.start(START_NS)
    assert bench.run.has_started
    bench.clock.now_ns = START_NS + resumed_ms * NS_PER_MS
    bench.run.resume()
    bench.step_at_ms(first_ms)
    assert bench.due_ms == [first_ms]


def test_a_pause_that_ends_before_the_start_is_known_changes_nothing() -> None:
    bench = Bench(synthetic())
    bench.run.pause()
    bench.clock.advance_ms(100)
    bench.run.resume()
    bench.run.start(START_NS)
    bench.step_at_ms(0)
    assert bench.due_ms == [0]


def test_what_is_due_in_the_warm_up_is_not_measured() -> None:
    bench = started(warmup_ms=150)
    bench.step_at_ms(320)
    assert bench.due_ms == [0, 100, 200, 300]
    assert bench.offer_lateness_ms() == [120, 20]


def test_a_new_load_begins_when_it_comes() -> None:
    bench = started()
    bench.step_at_ms(100)
    bench.clock.now_ns = START_NS + 150 * NS_PER_MS
    bench.run.change_load(ConstantLoad(rate=100))
    bench.step_at_ms(171)
    assert bench.due_ms == [0, 100, 150, 160, 170]


def test_a_later_end_is_taken_while_the_source_waits_for_the_old_one() -> None:
    bench = started()
    bench.step_at_ms(950)
    bench.run.change_duration(NS_PER_S + 200 * NS_PER_MS)
    assert bench.step_at_ms(1_000) is not None
    bench.step_at_ms(1_150)
    assert bench.due_ms[-3:] == [900, 1_000, 1_100]
    assert bench.step_at_ms(1_200) is None


def test_a_load_that_was_changed_before_the_start_begins_with_it() -> None:
    bench = Bench(synthetic())
    bench.run.change_load(ConstantLoad(rate=100))
    bench.run.start(START_NS)
    bench.step_at_ms(21)
    assert bench.due_ms == [0, 10, 20]


def test_a_load_that_the_feed_refuses_leaves_the_old_one() -> None:
    bench = started()
    with pytest.raises(SourceError):
        bench.run.change_load(RecordedLoad())
    bench.step_at_ms(100)
    assert bench.due_ms == [0, 100]


def test_the_end_of_the_file_ends_the_source(tmp_path: Path) -> None:
    (tmp_path / "two.jsonl").write_text('{"a":1}\n{"a":2}\n')
    bench = Bench(ReplaySource(path="two.jsonl", load=ConstantLoad(rate=10)), folder=tmp_path)
    bench.run.start(START_NS)
    assert bench.step_at_ms(100) is not None
    assert bench.step_at_ms(200) is not None
    assert bench.step_at_ms(200.001) is None
    assert bench.due_ms == [0, 100]
    bench.run.feed.close()
