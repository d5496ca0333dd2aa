"""Which thread sends and which waits: the test is the writing thread and the handler's thread of one socket."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import zmq

from bench_app.errors import SocketSetupError
from bench_app.library.shared_socket import SharedSocket
from bench_app.measure.clock import NEVER_NS
from bench_app.model import HandlerBench
from bench_app.transport.socket_trace import SocketTrace
from tests.library.ends import LIMIT_MS, NOWHERE, balanced, listening, spec
from tests.library.planes import each_plane

__all__ = ["each_plane"]
pytestmark = pytest.mark.usefixtures("each_plane")


@contextmanager
def opened(uri: str, config: dict[str, Any] | None = None) -> Iterator[SharedSocket]:
    """A shared socket without a thread of its own."""
    shared = SharedSocket(spec(uri, {"linger": 0, **(config or {})}), HandlerBench(), SocketTrace(None))
    try:
        yield shared
    finally:
        if not shared.is_closed:
            shared.close(0)


def in_a_thread(call: Callable[[], object]) -> None:
    """Call from a thread that is not the main thread, and wait until it has ended."""
    thread = threading.Thread(target=call)
    thread.start()
    thread.join()


def stepped_until(shared: SharedSocket, is_reached: Callable[[], bool]) -> None:
    """Do the work of the handler's thread until the state is reached."""
    deadline_s = time.monotonic() + LIMIT_MS / 1000
    while not is_reached():
        assert time.monotonic() < deadline_s
        shared.step()
        time.sleep(0.001)


def test_a_thread_that_writes_also_sends() -> None:
    with listening(zmq.PULL) as (pull, uri), opened(uri) as shared:
        in_a_thread(lambda: shared.write(b'{"n":1}', ""))
        assert (shared.stats.accepted, shared.is_idle) == (1, True)
        assert json.loads(pull.recv()) == {"n": 1}


def test_the_main_thread_leaves_the_event_to_the_handlers_thread() -> None:
    with listening(zmq.PULL) as (pull, uri), opened(uri) as shared:
        assert shared.write(b'{"n":1}', "")
        assert (shared.stats.accepted, shared.stats.queued) == (0, 1)
        shared.step()
        assert (shared.stats.accepted, shared.stats.queued) == (1, 0)
        assert json.loads(pull.recv()) == {"n": 1}


def test_a_request_is_left_to_the_handlers_thread() -> None:
    with listening(zmq.REP) as (rep, uri), opened(uri, {"socket_type": "REQ"}) as shared:
        in_a_thread(lambda: shared.write(b'{"n":1}', ""))
        assert shared.stats.accepted == 0
        stepped_until(shared, lambda: shared.stats.in_flight == 1)
        assert json.loads(rep.recv()) == {"n": 1}
        rep.send(b'{"ok":true}')
        replies: list[bytes] = []
        deadline_s = time.monotonic() + LIMIT_MS / 1000
        while not replies and time.monotonic() < deadline_s:
            replies += [end.frames[-1] for end in shared.step().ends]
        assert replies == [b'{"ok":true}']


def test_a_write_wakes_the_handlers_thread_that_waits() -> None:
    with listening(zmq.PULL) as (_, uri), opened(uri) as shared:
        stepped_until(shared, lambda: shared.tracker.peers == 1)
        waiting = threading.Thread(target=shared.wait, args=(NEVER_NS,))
        waiting.start()
        shared.write(b'{"n":1}', "")
        waiting.join(LIMIT_MS / 1000)
        assert not waiting.is_alive()
        shared.step()
        assert shared.stats.accepted == 1


def test_after_a_stop_events_are_aborted_and_the_wait_returns_at_once() -> None:
    with opened(NOWHERE) as shared:
        shared.stop()
        shared.wait(NEVER_NS)
        assert not shared.write(b"{}", "")
        assert (shared.stats.offered, shared.stats.aborted) == (1, 1)


def test_an_abort_empties_the_queue_and_no_writer_sends_any_more() -> None:
    with listening(zmq.PULL) as (_, uri), opened(uri) as shared:
        assert shared.write(b"{}", "")
        shared.stop()
        shared.start_draining()
        assert shared.abort().events == 1
        in_a_thread(lambda: shared.write(b"{}", ""))
        assert (shared.stats.accepted, shared.stats.aborted) == (0, 2)
        assert balanced(shared.stats)


def test_closing_ends_a_flush_that_can_never_succeed() -> None:
    with opened(NOWHERE, {"high_water_mark": 1, "send_timeout": -1}) as shared:
        for _ in range(3):
            shared.write(b"{}", "")
        shared.step()
        flushed: list[bool] = []
        flushing = threading.Thread(target=lambda: flushed.append(shared.flush(None)))
        flushing.start()
        shared.close(0)
        flushing.join(LIMIT_MS / 1000)
        assert flushed == [True]
        assert shared.is_closed


def test_an_address_in_use_is_an_error() -> None:
    with listening(zmq.PULL) as (_, uri), pytest.raises(SocketSetupError):
        SharedSocket(spec(uri, {}), HandlerBench(mode="bind"), SocketTrace(None))
