"""Actions of a user in a run: pause, change, send one event, kill a worker; the ledger balances."""

from __future__ import annotations

from typing import Any

import pytest

from bench_app.engine.finding import FindingKind
from bench_app.engine.session import Phase, Session
from bench_app.preset import documents
from tests.runs import assert_balanced, assert_sound, preset, run, until

pytestmark = pytest.mark.usefixtures("single_worker")


async def _running(session: Session) -> None:
    await until(lambda: session.phase is Phase.RUNNING and session.handlers["h"].counts.offered > 20)


def test_a_paused_run_offers_nothing_and_ends_with_all_its_events() -> None:
    async def meanwhile(session: Session) -> None:
        await _running(session)
        await session.pause(True)
        handler = session.handlers["h"]
        await until(lambda: handler.window.rates() == (0.0, 0.0))
        assert session.paused
        await session.pause(False)

    finished = run(preset({"socket_type": "PUSH"}, rate=500, duration_s=1.0), meanwhile)
    assert_balanced(finished.result)
    assert finished.handler().offered == 500
    assert 0.9 < finished.result.duration_s < 1.5
    assert_sound(finished.result)


def test_an_event_sent_by_hand_is_counted_and_received_while_paused() -> None:
    async def meanwhile(session: Session) -> None:
        await _running(session)
        await session.pause(True)
        handler, listener = session.handlers["h"], next(iter(session.listeners.values()))
        await until(lambda: handler.window.rates() == (0.0, 0.0))
        offered, received = handler.counts.offered, listener.counts.received
        await session.send_event("h", b'{"by":"hand"}')
        await until(lambda: handler.counts.offered == offered + 1 and listener.counts.received == received + 1)
        await until(lambda: any(b'"by":"hand"' in s.frames[-1] for s in listener.samples))
        await session.pause(False)

    finished = run(preset({"socket_type": "PUB", "topic": "t"}, rate=500, duration_s=1.0), meanwhile)
    assert_balanced(finished.result)
    assert finished.handler().offered == 501


def test_a_paused_listener_reads_all_messages_after_the_pause() -> None:
    async def meanwhile(session: Session) -> None:
        await _running(session)
        listener = next(iter(session.listeners.values()))
        await session.pause_unit(listener, True)
        await until(lambda: listener.window.rates() == (0.0,))
        await session.pause_unit(listener, False)

    finished = run(preset({"socket_type": "PUSH"}, rate=300, duration_s=2.5), meanwhile)
    assert_balanced(finished.result)
    assert finished.handler().listeners["pull-1"].received == 750


def test_a_listener_that_the_user_kills_does_not_make_the_run_invalid(own_workers: None) -> None:
    async def meanwhile(session: Session) -> None:
        await _running(session)
        listener = next(iter(session.listeners.values()))
        session.kill_unit(listener)
        await until(lambda: listener.restarts == 1 and listener.connection.state == "connected")
        session.stop()

    config = {"socket_type": "PUSH", "reconnect_interval": 50}
    finished = run(preset(config, rate=500, duration_s=60), meanwhile)
    assert_balanced(finished.result)
    assert "ended unexpectedly" not in str(finished.result.reasons)
    assert "was killed by SIGKILL" in finished.messages()


@pytest.mark.parametrize(
    "config", [{"socket_type": "PUB", "topic": "t"}, {"socket_type": "PUSH"}, {"socket_type": "REQ"}]
)
def test_a_handler_that_the_user_kills_does_not_make_the_run_invalid(own_workers: None, config: dict[str, Any]) -> None:
    async def meanwhile(session: Session) -> None:
        await _running(session)
        handler = session.handlers["h"]
        offered = handler.counts.offered
        session.kill_unit(handler)
        await until(lambda: handler.restarts == 1 and handler.counts.offered > offered + 200)

    listeners = [{"reconnect_interval": 50}]
    raw = preset({**config, "reconnect_interval": 50}, rate=2000, duration_s=5.0, listeners=listeners)
    finished = run(raw, meanwhile)
    assert_balanced(finished.result)
    assert finished.handler().offered == 10_000
    assert finished.session.handlers["h"].kills == 1
    of_machine = {FindingKind.WAITING, FindingKind.STALLED, FindingKind.SATURATED}
    assert [one for one in finished.result.findings if one.invalidates and one.kind not in of_machine] == []
    # The time without a worker is the fault that was set, however long the system took to start another one.
    late = "offered the events late"
    assert not any(late in reason for reason in finished.result.reasons)
    assert "was killed by SIGKILL" in finished.messages()


def test_one_handler_stopped_by_hand_drains_and_the_others_go_on() -> None:
    raw = preset({"socket_type": "PUSH"}, rate=500, duration_s=1.5)
    raw["output"]["handlers"]["other"] = raw["output"]["handlers"]["h"]

    async def meanwhile(session: Session) -> None:
        await _running(session)
        await session.stop_handler("h")
        await until(lambda: session.handlers["h"].finished)
        assert session.phase is Phase.RUNNING

    finished = run(raw, meanwhile)
    assert_balanced(finished.result)
    assert finished.handler("h").offered < finished.handler("other").offered == 750


def test_a_changed_document_is_applied_and_other_keys_wait_for_the_next_start() -> None:
    raw = preset({"socket_type": "PUSH"}, rate=200, duration_s=60, listeners=[{"name": "l"}])
    document = documents.parse(raw, "test")

    async def meanwhile(session: Session) -> None:
        await _running(session)
        changed = documents.replace_all(
            document,
            [
                ("bench.listeners.h[0].delay_ms", 1.5),
                ("bench.sources.events.load.rate", 400),
                ("output.handlers.h.config.high_water_mark", 50),
                ("bench.duration_s", 9),
            ],
        )
        changes = await session.apply(changed)
        assert changes.waiting == ["duration takes effect at the next start"]
        await session.change_duration(90.0)
        assert session.duration_s == 90.0
        await until(lambda: session.handlers["h"].window.rates()[0] > 300)
        session.stop()

    finished = run(document, meanwhile)
    assert_balanced(finished.result)
    text = finished.messages()
    assert "change: h: high_water_mark 1,000 -> 50" in text
    assert "change: h/l: delay_ms 0 -> 1.5" in text
    assert "change: duration 60 s -> 90 s" in text
    assert "the socket was recreated" in text
