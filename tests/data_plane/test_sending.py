"""The compiled sender does what the Python cores do: the same messages at the same times, and the same books."""

from __future__ import annotations

import ctypes
import threading
from array import array

import msgspec
import pytest
import zmq
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from bench_app.data_plane.libzmq import find_libzmq
from bench_app.handlers.headed_body import Form
from bench_app.measure.clock import NS_PER_MS
from bench_app.measure.counters import HandlerSlot
from bench_app.model import (
    BurstLoad,
    ConstantLoad,
    Framing,
    HandlerConfig,
    Load,
    MaxLoad,
    PoissonLoad,
    RampLoad,
    RecordedLoad,
    SineLoad,
    StampMode,
    StepsLoad,
)
from tests.compiled import compiled
from tests.data_plane.both_planes import IDENTITY, ODD_NS, PlaneRun, Schedule

sending = compiled("sending")
zmq_functions = compiled("zmq_functions")

# 300 random schedules in `make test`.
SCHEDULES = settings(
    max_examples=6 * settings.default.max_examples, deadline=None, phases=(Phase.explicit, Phase.generate)
)

LOADS: st.SearchStrategy[Load] = st.one_of(
    st.builds(ConstantLoad, rate=st.sampled_from([50.0, 1_000.0, 70_000.0, 1_000_000.0])),
    st.builds(PoissonLoad, rate=st.sampled_from([200.0, 30_000.0])),
    st.builds(BurstLoad, rate=st.just(100_000.0), events=st.integers(1, 400), every_s=st.just(0.004)),
    st.builds(RampLoad, start=st.just(0.0), end=st.sampled_from([0.0, 40_000.0]), over_s=st.just(0.01)),
    st.builds(StepsLoad, rates=st.just([1_000.0, 0.0, 50_000.0]), each_s=st.just(0.004)),
    st.builds(SineLoad, mean=st.just(20_000.0), amplitude=st.just(20_000.0), period_s=st.just(0.01)),
    st.just(MaxLoad()),
)


def change_config(**values: int) -> object:
    def act(run: PlaneRun) -> None:
        run.core.config = msgspec.structs.replace(run.core.config, **values)

    return act


def set_room(room: int) -> object:
    def act(run: PlaneRun) -> None:
        run.world.room = room

    return act


def change_topic(topic: str) -> object:
    def act(run: PlaneRun) -> None:
        if run.port.topic is not None:
            run.port.topic = topic

    return act


def change_load(load: Load) -> object:
    return lambda run: run.source.change_load(load)


def change_duration(ms: int) -> object:
    return lambda run: run.source.change_duration(ms * NS_PER_MS + ODD_NS)


def offer_by_hand(size: int) -> object:
    return lambda run: run.core.offer(run.port.render(b'{"h":"%s"}' % (b"y" * size)), run.world.now_ns)


def pause(run: PlaneRun) -> None:
    run.source.pause()


def resume(run: PlaneRun) -> None:
    run.source.resume()


def recreate_socket(run: PlaneRun) -> None:
    run.world.reply_at_ns = 2**62
    run.core.reset_socket()


def give_up(run: PlaneRun) -> None:
    run.core.abort()


def accept_again(run: PlaneRun) -> None:
    run.core.reset_socket()
    run.core.reopen()


OTHER_ACTIONS = st.one_of(
    st.builds(change_config, queue_size=st.integers(1, 300)),
    st.builds(change_config, send_timeout=st.sampled_from([-1, 1, 5])),
    st.builds(change_config, request_timeout=st.sampled_from([1, 3]), retries=st.integers(0, 2)),
    st.builds(set_room, st.sampled_from([0, 1, 5, 200, 1000])),
    st.builds(change_topic, st.sampled_from(["", "a", "analytics.events"])),
    st.builds(offer_by_hand, st.integers(0, 2000)),
    st.sampled_from([pause, resume, recreate_socket, give_up, accept_again]),
)
ACTIONS = st.one_of(
    st.builds(change_load, LOADS), st.builds(change_duration, st.integers(0, 40)), OTHER_ACTIONS, OTHER_ACTIONS
)

CONFIGS = st.builds(
    HandlerConfig,
    socket_type=st.sampled_from(["PUB", "PUSH", "REQ"]),
    topic=st.sampled_from(["", "t", "analytics.events"]),
    queue_size=st.sampled_from([1, 7, 300, 5000]),
    send_timeout=st.sampled_from([-1, 1, 50]),
    request_timeout=st.sampled_from([1, 3, 1000]),
    retries=st.integers(0, 2),
)


def outcomes(schedule: Schedule) -> tuple[object, object]:
    return tuple(PlaneRun(schedule, is_compiled).run() for is_compiled in (False, True))  # type: ignore[return-value]


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    times_ns = sorted(draw(st.lists(st.integers(0, 25 * NS_PER_MS), max_size=6)))
    return Schedule(
        config=draw(CONFIGS),
        load=draw(LOADS),
        stamp_mode=draw(st.sampled_from(["off", "field", "frame"])),
        framing=draw(st.sampled_from(["frames", "joined"])),
        sizes=draw(st.sampled_from([(0,), (10, 0, 300), (70_000,)])),
        warmup_ms=draw(st.sampled_from([0, 3])),
        skip=draw(st.sampled_from([0, 5, 2000])),
        room=draw(st.sampled_from([0, 3, 900])),
        reply_ms=draw(st.sampled_from([(0,), (1,), (None,), (2, None, 0), (4, 1)])),
        actions=tuple((at_ns, draw(ACTIONS)) for at_ns in times_ns),
    )


AT_MAX_TO_A_TIME_THAT_IS_PAST = Schedule(
    HandlerConfig(socket_type="PUB", queue_size=300, send_timeout=-1),
    RampLoad(start=0.0, end=40_000.0, over_s=0.01),
    room=3,
    actions=((145_630, change_load(MaxLoad())), (23_486_715, change_duration(0))),
)
"""At maximum load no event has a due time, so none is due before or after an end that is moved."""


@SCHEDULES
@example(schedule=AT_MAX_TO_A_TIME_THAT_IS_PAST)
@given(schedule=schedules())
def test_both_planes_do_the_same(schedule: Schedule) -> None:
    python, compiled = outcomes(schedule)
    assert compiled == python


@settings(deadline=None)
@given(
    steps_ns=st.lists(st.integers(0, 3 * NS_PER_MS), min_size=1, max_size=40),
    load=st.one_of(
        st.builds(RecordedLoad, speed=st.sampled_from([0.5, 1.0, 3.0])),
        st.builds(ConstantLoad, rate=st.just(2_000.0)),
        st.just(MaxLoad()),
    ),
    room=st.sampled_from([0, 5, 900]),
    queue_size=st.integers(1, 20),
    change=st.one_of(
        st.none(), st.builds(RecordedLoad, speed=st.just(2.0)), st.builds(ConstantLoad, rate=st.just(500.0))
    ),
    more=st.lists(st.tuples(st.integers(0, 25 * NS_PER_MS), OTHER_ACTIONS), max_size=4),
    config=CONFIGS.filter(lambda config: config.socket_type != "REQ"),
    stamp_mode=st.sampled_from(["off", "field", "frame"]),
    framing=st.sampled_from(["frames", "joined"]),
    form=st.sampled_from(["plain", "paths", "frames"]),
)
def test_both_planes_replay_the_same(
    steps_ns: list[int],
    load: Load,
    room: int,
    queue_size: int,
    change: Load | None,
    more: list[tuple[int, object]],
    config: HandlerConfig,
    stamp_mode: StampMode,
    framing: Framing,
    form: Form,
) -> None:
    """The same messages, counters and distances, of a recording, too, and of events with topics of their own."""
    recorded_ns = tuple(sum(steps_ns[: number + 1]) for number in range(len(steps_ns)))
    if more and isinstance(load, RecordedLoad) and change is None:
        # The last event is due after the run. A source that has ended drains, and this world does not drive it then.
        recorded_ns = (*recorded_ns, 1000 * NS_PER_MS)
    else:
        more = []
    actions = [(7 * NS_PER_MS + 1, change_load(change))] if change is not None else []
    schedule = Schedule(
        msgspec.structs.replace(config, queue_size=queue_size),
        load,
        stamp_mode,
        framing,
        form,
        recorded_ns=recorded_ns,
        sizes=(0, 50, 3, 0),
        room=room,
        actions=tuple(sorted([*actions, *more], key=lambda action: action[0])),  # type: ignore[arg-type]
    )
    python, compiled = outcomes(schedule)
    assert compiled == python


@settings(deadline=None)
@given(
    steps_ns=st.lists(st.integers(0, 3 * NS_PER_MS), min_size=1, max_size=40),
    speed=st.sampled_from([0.5, 1.0, 3.0]),
    room=st.sampled_from([0, 5, 900]),
    actions=st.lists(st.tuples(st.integers(0, 25 * NS_PER_MS), OTHER_ACTIONS), max_size=4),
    config=CONFIGS.filter(lambda config: config.socket_type == "REQ"),
    stamp_mode=st.sampled_from(["off", "field", "frame"]),
    form=st.sampled_from(["plain", "frames"]),
    reply_ms=st.sampled_from([(0,), (1,), (None,), (2, None, 0), (4, 1)]),
)
def test_both_planes_replay_the_same_requests(
    steps_ns: list[int],
    speed: float,
    room: int,
    actions: list[tuple[int, object]],
    config: HandlerConfig,
    stamp_mode: StampMode,
    form: Form,
    reply_ms: tuple[int | None, ...],
) -> None:
    """The last event is due after the run, so that the source does not end before the last reply."""
    recorded_ns = (*(sum(steps_ns[: number + 1]) for number in range(len(steps_ns))), 1000 * NS_PER_MS)
    schedule = Schedule(
        config,
        RecordedLoad(speed=speed),
        stamp_mode,
        form=form,
        recorded_ns=recorded_ns,
        sizes=(0, 50, 3, 0),
        room=room,
        reply_ms=reply_ms,
        actions=tuple(sorted(actions, key=lambda action: action[0])),  # type: ignore[arg-type]
    )
    python, compiled = outcomes(schedule)
    assert compiled == python


@pytest.mark.parametrize("socket_type", ["PUB", "PUSH", "REQ"])
def test_a_send_timeout_of_0_drops_at_once(socket_type: str) -> None:
    """Not at maximum load, where it would drop without end, and no time would pass in this world."""
    config = HandlerConfig(socket_type=socket_type, send_timeout=0)  # type: ignore[arg-type]
    schedule = Schedule(config, ConstantLoad(rate=1_000.0), room=5)
    python, compiled = outcomes(schedule)
    assert compiled == python
    assert compiled.counters["send_timeout"] == 16  # type: ignore[attr-defined]


def test_a_lasting_run_asks_for_due_times_again_and_again() -> None:
    schedule = Schedule(HandlerConfig(socket_type="PUSH"), ConstantLoad(rate=2_000_000.0), room=10**6, duration_ms=60)
    python, compiled = outcomes(schedule)
    assert compiled == python
    assert compiled.counters["accepted"] == 120_001  # type: ignore[attr-defined]


def test_a_full_xpub_goes_on_when_its_subscriber_has_read() -> None:
    """Its clock stands still, so no retry by time can send. It runs on, and ends the loop, only if the test fails."""
    calls = 0
    is_waiting = threading.Event()

    def clock() -> int:
        nonlocal calls
        calls += 1
        if calls == 50:
            is_waiting.set()
        return 1 if calls < 10_000 else 2**62

    stopped = ctypes.CFUNCTYPE(ctypes.c_int64)(clock)
    now_ns = ctypes.cast(stopped, ctypes.c_void_p).value
    functions = zmq_functions.ZmqFunctions(find_libzmq(zmq_functions.NAMES).addresses, {"now_ns": now_ns})
    slots = memoryview(array("Q", bytes(8 * len(HandlerSlot))))
    sender = sending.Sender(functions, slots, "off", IDENTITY.text, retries_by_time=True)
    sender.set_limits(100, -1, 0, 0)
    with zmq.Context() as context, context.socket(zmq.XPUB) as xpub, context.socket(zmq.SUB) as sub:
        xpub.linger, xpub.sndhwm, sub.rcvhwm, xpub.xpub_nodrop, sub.rcvtimeo = 0, 2, 2, 1, 10_000
        xpub.bind("inproc://full")
        sub.connect("inproc://full")
        sub.subscribe(b"")
        assert xpub.recv() == b"\x01"
        sender.attach(xpub.underlying)
        for number in range(8):
            assert sender.offer(b"%d" % number, 1)

        def read() -> None:
            is_waiting.wait()
            for _ in range(8):
                sub.recv()

        reader = threading.Thread(target=read)
        reader.start()
        sender.set_draining(True)
        sending.run_senders([sender], 2**61)
        is_waiting.set()
        reader.join()
    assert slots[HandlerSlot.ACCEPTED] == 8
    assert calls < 10_000
