"""Handlers that join a run, leave it, or restart with other keys: the ledgers of all of them balance."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench_app.engine.session import Phase, Session
from bench_app.engine.unit_key import UnitKey
from bench_app.measure.clock import NS_PER_MS
from bench_app.preset import documents
from bench_app.system.tasks import spawn
from tests.runs import Run, assert_balanced, doubts, preset, run, until

pytestmark = pytest.mark.usefixtures("single_worker")

PATTERNS = ["PUB", "PUSH", "REQ"]
Edit = Callable[[dict[str, Any]], None]


def add(raw: dict[str, Any], name: str, socket_type: str = "PUSH", **config: Any) -> None:
    raw["output"]["handlers"][name] = {
        "uri": "zmq://tcp://127.0.0.1:*",
        "config": {"socket_type": socket_type, **config},
    }
    raw["bench"]["handlers"][name] = {"mode": "bind"}


def edited(session: Session, edit: Edit) -> documents.Document:
    raw = documents.copy_of(session.document.raw)
    edit(raw)
    return documents.with_raw(session.document, raw)


async def flow(session: Session, name: str, count: int = 50) -> None:
    """Wait until this handler's listeners have received ``count`` more events."""
    await until(lambda: session.phase is Phase.RUNNING and name in session.handlers)
    listeners = session.listeners_of(session.handlers[name])
    goal = sum(one.counts.received for one in listeners) + count
    await until(lambda: sum(one.counts.received for one in listeners) >= goal)


def run_with(edits: list[Edit], after: str = "h", **more: Any) -> Run:
    """A run whose document is edited. After each edit, events must flow through the handler ``after``."""

    async def meanwhile(session: Session) -> None:
        await flow(session, "h")
        for edit in edits:
            changes = await session.apply(edited(session, edit))
            assert changes.waiting == []
            await flow(session, after)
        session.stop()

    config = {"socket_type": "PUSH", "topic": "t", "request_timeout": 500, **more.pop("config", {})}
    finished = run(preset(config, duration_s=60, **more), meanwhile)
    assert_balanced(finished.result)
    return finished


def successors(finished: Run) -> list[str]:
    return [name for name in finished.result.handlers if name.startswith("h (until ")]


@pytest.mark.parametrize("socket_type", PATTERNS)
def test_a_handler_joins_and_gets_its_listener(socket_type: str) -> None:
    finished = run_with([lambda raw: add(raw, "late", socket_type)], after="late")
    late = finished.handler("late")
    (listener,) = late.listeners.values()
    assert (late.socket_type, late.lost, listener.lost, listener.before_join) == (socket_type, 0, 0, 0)
    assert late.accepted < finished.handler().accepted
    assert "change: late joins the run" in finished.messages()


def test_the_rate_of_a_handler_that_joined_counts_only_its_own_time() -> None:
    finished = run_with([lambda raw: add(raw, "late")], after="late")
    late, first = finished.handler("late"), finished.handler()
    seconds = finished.session.seconds_of(finished.session.handlers["late"])
    assert 0 < seconds < finished.session.elapsed_s
    assert late.rate == pytest.approx(late.accepted / seconds, rel=1e-3)
    assert first.rate == pytest.approx(first.accepted / finished.session.elapsed_s, rel=1e-3)


def test_one_of_two_handlers_leaves_and_the_other_goes_on(own_workers: None) -> None:
    raw = preset({"socket_type": "PUSH"}, duration_s=60)
    add(raw, "other")

    async def meanwhile(session: Session) -> None:
        await flow(session, "h")
        await flow(session, "other")
        assert session.worker_count == 4
        await session.apply(edited(session, lambda raw: raw["output"]["handlers"]["other"].update(enabled=False)))
        (gone,) = [state for name, state in session.handlers.items() if name.startswith("other")]
        assert gone.done and all(one.done for one in session.listeners_of(gone))
        await flow(session, "h")
        session.stop()

    finished = run(raw, meanwhile)
    assert_balanced(finished.result)
    kept, gone = finished.result.handlers
    assert kept == "h" and gone.startswith("other (until ")
    assert finished.handler(gone).accepted == sum(s.received for s in finished.handler(gone).listeners.values()) > 0
    assert finished.handler().lost == 0


def test_the_run_is_over_when_the_last_handler_has_left() -> None:
    async def meanwhile(session: Session) -> None:
        await flow(session, "h")
        await session.apply(edited(session, lambda raw: raw["output"]["handlers"]["h"].update(enabled=False)))

    finished = run(preset({"socket_type": "PUSH"}, duration_s=60), meanwhile)
    assert_balanced(finished.result)
    assert len(successors(finished)) == 1


@pytest.mark.parametrize(("was", "now"), [("PUSH", "REQ"), ("REQ", "PUB"), ("PUB", "PUSH")])
def test_another_socket_type_restarts_the_handler_at_the_same_address(was: str, now: str, free_port: int) -> None:
    def edit(raw: dict[str, Any]) -> None:
        raw["output"]["handlers"]["h"]["config"]["socket_type"] = now

    uri = f"zmq://tcp://127.0.0.1:{free_port}"
    finished = run_with([edit], uri=uri, config={"socket_type": was}, handler={"mode": "bind"})
    (before,) = successors(finished)
    assert [finished.handler(name).socket_type for name in (before, "h")] == [was, now]
    assert [finished.handler(name).endpoint for name in (before, "h")] == [f"tcp://127.0.0.1:{free_port}"] * 2
    # No listener received the events of the other handler.
    assert all(s.foreign == 0 for handler in finished.result.handlers.values() for s in handler.listeners.values())
    assert f"h restarts with new counts: socket_type {was} -> {now}" in finished.messages()


def renames_sink(raw: dict[str, Any]) -> None:
    raw["output"]["handlers"]["h"]["sink"] = "other"
    raw["bench"]["sources"]["other"] = raw["bench"]["sources"].pop("events")


def resizes(raw: dict[str, Any]) -> None:
    (source,) = raw["bench"]["sources"].values()
    source["size"] = 1500


EDITS: dict[str, Edit] = {
    "sink": renames_sink,
    "source": resizes,
    "stamp": lambda raw: raw["bench"]["handlers"]["h"].update(stamp="frame"),
    "side": lambda raw: raw["bench"]["handlers"]["h"].update(mode="bind"),
    "one listener more": lambda raw: raw["bench"].update(listeners={"h": [{}, {}]}),
    "one listener less": lambda raw: raw["bench"].update(listeners={"h": [{}]}),
    "a listener of another name": lambda raw: raw["bench"].update(listeners={"h": [{"name": "other"}]}),
    "inproc": lambda raw: raw["output"]["handlers"]["h"].update(uri="zmq://inproc://here"),
}


def test_every_change_that_restarts_a_handler_in_turn() -> None:
    finished = run_with(list(EDITS.values()))
    assert len(successors(finished)) == len(EDITS)
    assert len(finished.handler().listeners) == 1
    assert all(handler.lost == 0 for handler in finished.result.handlers.values())
    assert doubts(finished.result) == []


def test_a_restarted_handler_keeps_its_name_for_checks_and_its_series_apart(tmp_path: Path) -> None:
    document = documents.parse(preset({"socket_type": "PUSH"}, duration_s=60, checks=["h: accepted > 0"]), "test")

    async def go() -> Session:
        session = Session(document, keep_series=True)

        async def meanwhile() -> None:
            await flow(session, "h")
            await session.apply(edited(session, EDITS["source"]))
            await flow(session, "h")
            session.stop()

        await asyncio.gather(session.run(), meanwhile())
        return session

    session = asyncio.run(go())
    assert session.sampler is not None
    series = session.sampler.series
    before, after = (session.handlers[name] for name in sorted(session.handlers, key=len, reverse=True))
    assert before.has_left and after.key == UnitKey("h")
    units = (before.key, before.key.of_listener("pull-1"), after.key, after.key.of_listener("pull-1"))
    assert set(series) == set(units)
    assert len({len(one) for one in series.values()}) == 1
    # Once the handler has left, all its rates are 0, and its last counts are not counted again.
    for name, clock in (("offered", "report_s"), ("accepted", "report_s"), ("received", "received_s")):
        assert series[before.key].rate(name, clock)[-1] == 0.0
    assert series[before.key.of_listener("pull-1")].rate("received")[-1] == 0.0
    for handler in (before, after):
        assert series[handler.key].column("accepted")[-1] == handler.counts.accepted
    # Before the handler joined, its count is 0.
    assert series[after.key].column("accepted")[0] == 0


def test_with_an_address_in_use_only_the_handler_that_joins_fails(free_port: int) -> None:
    def join(raw: dict[str, Any]) -> None:
        add(raw, "late")
        raw["output"]["handlers"]["late"]["uri"] = raw["output"]["handlers"]["h"]["uri"]

    async def meanwhile(session: Session) -> None:
        await flow(session, "h")
        await session.apply(edited(session, join))
        assert "in use" in session.handlers["late"].failed
        await flow(session, "h")
        session.stop()

    raw = preset(
        {"socket_type": "PUSH"}, uri=f"zmq://tcp://127.0.0.1:{free_port}", handler={"mode": "bind"}, duration_s=60
    )
    finished = run(raw, meanwhile)
    assert_balanced(finished.result)
    assert finished.handler().lost == 0


def test_stopping_while_a_handler_joins_ends_the_run_with_balanced_ledgers() -> None:
    errors: list[BaseException] = []

    async def meanwhile(session: Session) -> None:
        await flow(session, "h")
        document = edited(session, lambda raw: add(raw, "late"))
        joining = spawn(session.apply(document), name="apply", on_error=errors.append)
        await until(lambda: "late" in session.handlers)
        session.stop()
        await joining
        assert errors == []

    finished = run(preset({"socket_type": "PUSH"}, duration_s=60), meanwhile)
    assert_balanced(finished.result)
    assert finished.session.worker_count == 0


def test_a_handler_added_during_the_drain_waits_for_the_next_start() -> None:
    async def meanwhile(session: Session) -> None:
        await until(lambda: session.phase is Phase.DRAINING)
        changes = await session.apply(edited(session, lambda raw: add(raw, "late")))
        assert changes.waiting == ["the run is ending; changes take effect at the next start"]

    finished = run(preset({"socket_type": "PUSH"}), meanwhile)
    assert list(finished.result.handlers) == ["h"]
    assert_balanced(finished.result)


def test_a_handler_that_joins_a_paused_run_starts_after_the_pause() -> None:
    async def meanwhile(session: Session) -> None:
        await flow(session, "h")
        await session.pause(True)
        await session.apply(edited(session, lambda raw: add(raw, "late")))
        assert session.handlers["late"].counts.offered == 0
        await session.pause(False)
        await flow(session, "late")
        session.stop()

    finished = run(preset({"socket_type": "PUSH"}, duration_s=60), meanwhile)
    assert_balanced(finished.result)
    late = finished.session.handlers["late"]
    # If the clock of its source had not paused, nearly all of its events would be due in the pause and come late.
    assert late.offer_lateness.count and late.offer_lateness.percentile(50.0) < 50 * NS_PER_MS
