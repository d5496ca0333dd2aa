"""The end of a handler: how long its socket stays open, for which listeners, and which messages it emits."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from bench_app.engine.control.messages import (
    Close,
    Drained,
    Finished,
    HandlerReport,
    Notice,
    SendEvent,
    SourceEnded,
    StopSource,
)
from bench_app.engine.limits import LINGER_LIMIT_MS
from bench_app.engine.worker import handler_closing
from bench_app.engine.worker.contexts import WorkerContext
from bench_app.measure.counters import HandlerSlot, MappedCounters
from bench_app.model import SocketType
from tests.engine.worker.handler_bench import HandlerEnd, handler_order


def stop(end: HandlerEnd) -> float:
    """End the source; returns when the queue was empty."""
    end.send(StopSource())
    end.wait_for(Drained)
    return time.monotonic()


def close_after(end: HandlerEnd) -> float:
    """Seconds from the empty queue to the end."""
    drained_s = stop(end)
    end.wait_for(Finished)
    end.join()
    return time.monotonic() - drained_s


def order_with_listener(folder: Path, socket_type: SocketType = "PUSH", **config: Any) -> Any:
    return handler_order(folder, socket_type, config=config, join_tokens=(b"token",))


def send_one(end: HandlerEnd) -> None:
    end.send(SendEvent(body=b"{}"))
    end.wait_accepted(1)


def test_it_holds_its_socket_open_until_it_is_released(tmp_path: Path) -> None:
    with HandlerEnd(order_with_listener(tmp_path, linger=60_000)) as end:
        partner = end.connected_partner()
        send_one(end)
        drained_s = stop(end)
        for _ in range(3):
            end.wait_for(HandlerReport)
        assert partner.recv()
        end.send(Close())
        end.wait_for(Finished)
        end.join()
        assert time.monotonic() - drained_s < 30


def test_it_waits_no_longer_than_its_linger(tmp_path: Path) -> None:
    with HandlerEnd(order_with_listener(tmp_path, linger=400)) as end:
        end.connected_partner()
        send_one(end)
        assert 0.35 < close_after(end) < 10


def test_without_listeners_of_the_bench_it_closes_at_once(tmp_path: Path) -> None:
    with HandlerEnd(handler_order(tmp_path, config={"linger": 60_000})) as end:
        partner = end.connected_partner()
        send_one(end)
        assert partner.recv()
        assert close_after(end) < 10


def test_without_an_accepted_message_it_closes_at_once(tmp_path: Path) -> None:
    with HandlerEnd(order_with_listener(tmp_path, linger=60_000)) as end:
        assert close_after(end) < 10


def test_messages_without_a_peer_are_kept_for_the_linger(tmp_path: Path, free_port: int) -> None:
    endpoint = f"tcp://127.0.0.1:{free_port}"
    config = {"linger": 60_000, "reconnect_interval": 20}
    order = handler_order(tmp_path, config=config, endpoints=(endpoint,), bind=False)
    with HandlerEnd(order) as end:
        send_one(end)
        stop(end)
        partner = end.partner(endpoint)
        assert b"_bench" in partner.recv()
        end.wait_for(Finished)
        end.join()
        assert end.last(HandlerReport).ever_connected


def test_a_long_close_emits_a_message(tmp_path: Path, free_port: int) -> None:
    endpoint = f"tcp://127.0.0.1:{free_port}"
    order = handler_order(tmp_path, config={"linger": 300}, endpoints=(endpoint,), bind=False)
    with HandlerEnd(order, WorkerContext()) as end:
        send_one(end)
        assert close_after(end) >= 0.25
        (message,) = [message for message in end.messages() if message.startswith("closing took")]
        assert message.endswith("s: the socket kept its unsent messages for the linger")


def test_an_endless_linger_ends_at_the_limit_of_the_bench(
    tmp_path: Path, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert handler_closing.LINGER_LIMIT_MS == LINGER_LIMIT_MS
    monkeypatch.setattr(handler_closing, "LINGER_LIMIT_MS", 300)
    endpoint = f"tcp://127.0.0.1:{free_port}"
    order = handler_order(tmp_path, config={"linger": -1}, endpoints=(endpoint,), bind=False)
    with HandlerEnd(order) as end:
        send_one(end)
        assert 0.25 < close_after(end) < 10
        assert "linger is -1: the bench waits 300 ms at most, production would wait for ever" in end.messages()


def test_the_last_report_has_the_final_counts_and_the_file_agrees(tmp_path: Path) -> None:
    with HandlerEnd(handler_order(tmp_path)) as end:
        end.connected_partner()
        end.start_run()
        end.wait_for(SourceEnded)
        counts = end.finish().counts
    with MappedCounters(Path(end.order.counters_file), HandlerSlot) as counters:
        values = counters.values()
    assert values["accepted"] == values["attempted"] == counts.accepted == 100
    assert values["offered"] == counts.offered == 100


def test_closing_before_the_start_emits_no_message(tmp_path: Path) -> None:
    with HandlerEnd(handler_order(tmp_path)) as end:
        end.finish()
        assert not [message for message in end.said if isinstance(message, Notice)]
