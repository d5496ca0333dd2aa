"""A run without a listener of the bench, or without any peer, has a note about it, whatever its verdict."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
import pytest
import zmq

from bench_app.engine.check_evaluation import evaluate
from bench_app.engine.live_ledger import ledger_of
from bench_app.engine.notes import handler_notes, window_notes
from bench_app.engine.result import GuiFigures, RunResult, to_json
from bench_app.engine.session import Session
from bench_app.preset.checks import parse_check
from tests.engine.units import a_roster, latencies
from tests.runs import assert_sound, notes_of, preset, run, until

pytestmark = pytest.mark.usefixtures("single_worker")

UNPAIRED = {"paired": False, "mode": "bind"}


@contextmanager
def pull() -> Iterator[str]:
    with zmq.Context() as context, closing(context.socket(zmq.PULL)) as socket:
        socket.linger = 0
        socket.bind("tcp://127.0.0.1:*")
        yield socket.getsockopt_string(zmq.LAST_ENDPOINT).rstrip("\0")


def test_no_listener_counts_for_an_unpaired_push() -> None:
    with pull() as endpoint:
        finished = run(preset({"socket_type": "PUSH"}, uri=f"zmq://{endpoint}", handler={"paired": False}, rate=200))
    handler, (note,) = finished.handler(), notes_of(finished.result)
    assert (handler.lost, handler.arrivals_known, handler.balanced) == (0, False, True)
    assert note == (
        "h: 100 events were accepted and 0 dropped at the handler; no listener of the bench counted them, "
        "so how many arrived is not known"
    )
    assert_sound(finished.result)
    assert msgspec.json.decode(to_json(finished.result))["handlers"]["h"]["arrivals_known"] is False
    assert msgspec.json.decode(to_json(finished.result), type=RunResult) == finished.result


def test_without_a_counting_listener_there_is_no_metric_lost() -> None:
    known = {"h": ()}
    uncounted = {"h": {"socket_type": "PUSH", "lost": 0, "arrivals_known": False, "send_timeout": 2}}
    assert evaluate(parse_check("lost == 0", known), uncounted).value is None
    assert not evaluate(parse_check("h: lost == 0", known), uncounted).passed
    assert evaluate(parse_check("drops == 2", known), uncounted).passed


def test_a_run_without_any_peer_has_a_note() -> None:
    finished = run(preset({"socket_type": "PUB", "topic": "t"}, handler=UNPAIRED, rate=200))
    assert_sound(finished.result)
    assert notes_of(finished.result) == ["h: no peer was ever connected; all 100 accepted events are lost"]
    assert (finished.handler().lost, finished.handler().arrivals_known) == (100, True)


def test_a_paired_run_has_no_notes_and_its_json_no_key_for_it() -> None:
    finished = run(preset({"socket_type": "PUSH"}, rate=200))
    assert notes_of(finished.result) == []
    assert "arrivals_known" not in msgspec.json.decode(to_json(finished.result))["handlers"]["h"]


@pytest.mark.parametrize(("cpus", "has_note"), [(1, True), (2, True), (3, False), (64, False)])
def test_on_few_processors_a_window_has_a_note(cpus: int, has_note: bool) -> None:
    figures = GuiFigures(frames_per_s=25.0, loop_lag_p50_ms=0.1, loop_lag_p99_ms=3.0)
    assert bool(window_notes(figures, cpus)) is has_note
    assert window_notes(None, cpus) == []


def test_a_replay_that_ends_before_the_run_emits_a_message(tmp_path: Path) -> None:
    (tmp_path / "e.jsonl").write_text('{"id": 1}\n' * 20)
    load = {"shape": "constant", "rate": 200}
    source = {"kind": "replay", "path": str(tmp_path / "e.jsonl"), "load": load}
    finished = run(preset({"socket_type": "PUSH"}, source=source, duration_s=30))
    assert finished.handler().offered == 20
    assert "h: its file ended after 0." in finished.messages()
    assert 'of 30: with "loop": true it would start again' in finished.messages()


def test_a_subscriber_of_the_user_that_comes_late_has_a_note() -> None:
    received: list[bytes] = []

    async def subscribe_late(session: Session) -> None:
        await until(lambda: bool(session.handlers) and session.handlers["h"].counts.accepted > 50)
        handler = session.handlers["h"]
        with zmq.Context() as context, closing(context.socket(zmq.SUB)) as socket:
            socket.linger = 0
            socket.subscribe("t")
            socket.connect(handler.endpoint)
            while not handler.done:
                await asyncio.sleep(0.01)
                while socket.poll(0):
                    received.append(socket.recv_multipart()[-1])

    raw = preset({"socket_type": "PUB", "topic": "t"}, handler=UNPAIRED, rate=200, duration_s=2)
    finished = run(raw, subscribe_late)
    handler = finished.handler()
    assert handler.before_subscribed is not None
    assert 50 < handler.before_subscribed < handler.accepted == 400
    # libzmq applies a subscription a moment before the handler sees it.
    assert 0 <= len(received) - (handler.accepted - handler.before_subscribed) < 50
    assert (
        f"h: up to {handler.before_subscribed} events went out before anybody had subscribed to its topic, "
        f"and nobody received them"
    ) in finished.result.notes


def test_a_consumer_that_subscribes_to_nothing_has_a_note() -> None:
    async def connect(session: Session) -> None:
        await until(lambda: bool(session.handlers) and session.handlers["h"].opened)
        handler = session.handlers["h"]
        with zmq.Context() as context, closing(context.socket(zmq.SUB)) as socket:
            socket.linger = 0
            socket.connect(handler.endpoint)
            await until(lambda: handler.done)

    raw = preset({"socket_type": "PUB", "topic": "t"}, handler=UNPAIRED, rate=200, duration_s=1)
    finished = run(raw, connect)
    assert finished.handler().before_subscribed == finished.handler().accepted == 200
    assert "h: nobody subscribed to its topic, so nobody received its 200 events" in finished.result.notes


def test_only_a_publisher_without_listeners_counts_what_nobody_had_subscribed_to() -> None:
    for raw in (preset({"socket_type": "PUB"}), preset({"socket_type": "PUSH"}, handler=UNPAIRED)):
        assert "before_subscribed" not in msgspec.json.decode(to_json(run(raw).result))["handlers"]["h"]


@pytest.mark.parametrize(
    ("load", "late_us", "count", "expected"),
    [
        ({"shape": "constant", "rate": 100_000}, 1_050, 2000, "offered 1.1 ms late or more, which is 105 intervals"),
        ({"shape": "constant", "rate": 100_000}, 90, 2000, ""),
        ({"shape": "constant", "rate": 1000}, 9_000, 2000, ""),
        ({"shape": "constant", "rate": 1000}, 11_000, 2000, "offered 11.0 ms late or more, which is 11 intervals"),
        ({"shape": "constant", "rate": 1000}, 11_000, 900, ""),
        ({"shape": "max"}, 11_000, 2000, ""),
    ],
)
def test_a_load_at_even_intervals_that_left_in_groups_has_a_note(
    tmp_path: Path, load: dict[str, object], late_us: int, count: int, expected: str
) -> None:
    source = {"kind": "synthetic", "event": "detection", "load": load}
    roster = a_roster(tmp_path, preset({"socket_type": "PUB"}, source=source))
    handler = roster.handlers["h"]
    handler.offer_lateness.merge(latencies(*[late_us * 1000] * count))
    notes = handler_notes({"h": handler}, {"h": ledger_of(handler, [], final=True)}, {"h": []})
    notes = [note for note in notes if "intervals" in note]
    assert len(notes) == bool(expected) and all(expected in note for note in notes)


def test_what_a_replacement_worker_offers_late_is_not_blamed_on_the_machine(tmp_path: Path) -> None:
    load = {"shape": "constant", "rate": 1000}
    source = {"kind": "synthetic", "event": "detection", "load": load}
    roster = a_roster(tmp_path, preset({"socket_type": "PUB"}, source=source))
    handler = roster.handlers["h"]
    handler.offer_lateness.merge(latencies(*[2_000_000_000] * 2000))
    handler.restarts = 1
    notes = handler_notes({"h": handler}, {"h": ledger_of(handler, [], final=True)}, {"h": []})
    assert not [note for note in notes if "this machine" in note]
