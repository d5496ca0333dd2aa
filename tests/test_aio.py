"""Output and client with asyncio, on asyncio's own loop and on the window's."""

from __future__ import annotations

import asyncio
import inspect
import os
import subprocess
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import zmq

import bench_app.aio
from bench_app import Output, OutputHandler, ZmqClient
from bench_app.aio import AsyncClient, AsyncOutput, connection_news, replies, request, wait_for_subscriber
from bench_app.errors import RequestTimeoutError, UsageError
from tests.library import until
from tests.library.ends import connected, listening

ANY = "zmq://tcp://127.0.0.1:*"


async def output_and_client(n: int = 200) -> None:
    async with AsyncClient("reader", {"socket_type": "PULL", "mode": "bind"}) as client:
        await client.connect(ANY)
        async with AsyncOutput("o") as output:
            output.add_handler("h", f"zmq://{client.client.endpoint}", "events")
            for number in range(n):
                assert output.write("events", number) == 1
            assert await output.flush(10)
            first = await client.read_message(10)
            assert first is not None
            values = [first.value]
            async for message in client:
                values.append(message.value)
                if len(values) == n:
                    break
            assert values == list(range(n))
            assert await client.read_message(0.01) is None


def test_on_the_loop_of_asyncio() -> None:
    asyncio.run(output_and_client())


QASYNC = """
import asyncio
from bench_ui.app import make_app
from bench_ui.loop import run
from tests.test_aio import output_and_client

async def main():
    await output_and_client()
    return 0

raise SystemExit(run(make_app(), main()))
"""


def test_on_the_loop_of_the_window() -> None:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    finished = subprocess.run(
        [sys.executable, "-c", QASYNC], env=environment, timeout=60, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr


def awaited(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(work())


def test_replies_and_news_of_connections_arrive_in_the_loop() -> None:
    async def work() -> None:
        async with AsyncOutput("o") as output, asyncio.timeout(60):
            with listening(zmq.REP) as (rep, uri):
                handler = output.add_handler("h", uri, "s", {"socket_type": "REQ", "linger": 0})
                assert isinstance(handler, OutputHandler)
                news, answers = connection_news(handler), replies(handler)
                output.write("s", {"id": 1})
                rep.send(await asyncio.to_thread(rep.recv))
                assert await anext(answers) == {"id": 1}
            # The peer has gone.
            async for state, message in news:
                if "lost the connection" in message:
                    assert state.state != "connected"
                    break

    awaited(work)


def test_reading_ends_with_the_connection() -> None:
    async def work() -> None:
        client = AsyncClient("reader", {"socket_type": "PULL", "mode": "bind"})
        await client.connect(ANY)
        with connected(zmq.PUSH, client.client.endpoint) as push:
            push.send(b"1")
            values = []
            async for message in client:
                values.append(message.value)
                await client.disconnect()
        assert values == [1]

    awaited(work)


def test_iterating_over_a_client_that_only_writes_is_an_error() -> None:
    async def work() -> None:
        async with AsyncClient("writer", {"socket_type": "PUSH", "linger": 0}) as client:
            await client.connect("zmq://tcp://127.0.0.1:9")
            assert client.write_message("", 1)
            with pytest.raises(TypeError, match="only writes"):
                aiter(client)

    awaited(work)


def test_reading_after_a_disconnect_returns_at_once() -> None:
    async def work() -> None:
        client = AsyncClient("reader", {"socket_type": "PULL", "mode": "bind"})
        await client.connect(ANY)
        async with asyncio.timeout(60):
            reading = asyncio.gather(client.read_message(), client.read_message())
            await asyncio.sleep(0)
            await client.disconnect()
            assert await reading == [None, None]
            assert await client.read_message() is None
            assert [message async for message in client] == []

    awaited(work)


def test_replies_and_news_end_with_the_handler_and_a_reply_may_be_null() -> None:
    async def work() -> None:
        async with asyncio.timeout(60):
            async with AsyncOutput("o") as output:
                with listening(zmq.REP) as (rep, uri):
                    handler = output.add_handler("h", uri, "s", {"socket_type": "REQ", "linger": 0})
                    assert isinstance(handler, OutputHandler)
                    news, answers = connection_news(handler), replies(handler)
                    for reply in (b"null", b"2"):
                        output.write("s", 1)
                        await asyncio.to_thread(rep.recv)
                        rep.send(reply)
                        await output.flush(10)
            assert [answer async for answer in answers] == [None, 2]
            assert all([message async for _, message in news])
            assert [answer async for answer in replies(handler)] == []

    awaited(work)


def test_at_most_high_water_mark_messages_wait_for_a_slow_reader() -> None:
    async def work() -> None:
        mark, size = 5, 100_000
        async with AsyncClient("reader", {"socket_type": "PULL", "mode": "bind", "high_water_mark": mark}) as client:
            await client.connect(ANY)
            with connected(zmq.PUSH, client.client.endpoint) as push:
                # The sender's socket has no limit here, so the test looks at the reader's side.
                for number in range(200):
                    push.send(b"%d" % number + b" " * size)
                first = await client.read_message(10)
                assert first is not None and first.value == 0
                await asyncio.to_thread(until, lambda: client.unread == mark)
                rest = [await client.read_message(10) for _ in range(199)]
                assert [message and message.value for message in rest] == list(range(1, 200))

    awaited(work)


def test_reading_waiting_messages_gives_the_loop_its_turns() -> None:
    async def work() -> None:
        turns = 0
        loop = asyncio.get_running_loop()

        def count() -> None:
            nonlocal turns
            turns += 1
            loop.call_soon(count)

        async with AsyncClient("reader", {"socket_type": "PULL", "mode": "bind"}) as client:
            await client.connect(ANY)
            with connected(zmq.PUSH, client.client.endpoint) as push:
                for number in range(1000):
                    push.send(b"%d" % number)
                await asyncio.to_thread(until, lambda: client.unread == 1000)
                loop.call_soon(count)
                for _ in range(1000):
                    assert await client.read_message(10)
        assert turns >= 5

    awaited(work)


def test_requests_are_awaited_and_their_failures_raised() -> None:
    async def work() -> None:
        config = {"socket_type": "REQ", "request_timeout": 20, "retries": 0, "linger": 0}
        async with AsyncClient("server", {"socket_type": "REP", "mode": "bind"}) as server, AsyncOutput("o") as output:
            await server.connect(ANY)
            uri = f"zmq://{server.client.endpoint}"
            handler = output.add_handler("h", uri, "s", config | {"request_timeout": 10_000})
            async with asyncio.timeout(60), AsyncClient("asker", config) as client:
                await client.connect(uri)
                with pytest.raises(RequestTimeoutError):
                    await client.request("unanswered")
                client.write_message("", "unanswered")
                with pytest.raises(RequestTimeoutError):
                    await client.read_message()
                assert (await server.read_message()) is not None
                with pytest.raises(UsageError, match="the last request is not answered"):
                    await server.read_message()
                server.write_message("", "late")

                async def serve() -> None:
                    async for asked in server:
                        server.write_message("", asked.value)
                        if asked.value == "answered":
                            break

                reply, _ = await asyncio.gather(request(handler, "answered"), serve())
                assert reply.value == "answered"
                with pytest.raises(RequestTimeoutError):
                    await request(handler, "withdrawn", timeout=0)
                handler.write("unanswered")
                with pytest.raises(UsageError, match="the last request is not answered"):
                    async for _ in server:
                        pass

    awaited(work)


WAITING = {"flush", "close", "remove_handler", "connect", "disconnect", "read_message", "request"}
"""Members that can wait, so that the face for asyncio awaits them."""


@pytest.mark.parametrize(("plain", "asynchronous"), [(Output, AsyncOutput), (ZmqClient, AsyncClient)])
def test_both_faces_have_the_same_members(plain: type, asynchronous: type) -> None:
    names = {name for name in [*vars(plain), "name"] if not name.startswith("_")}
    assert names <= {name for name in dir(asynchronous) if not name.startswith("_")}
    for name in names - {"name"}:
        one, other = inspect.getattr_static(plain, name), inspect.getattr_static(asynchronous, name)
        assert isinstance(one, property) == isinstance(other, property), name
        if not isinstance(one, property):
            first, second = getattr(plain, name), getattr(asynchronous, name)
            assert parameters(first) == parameters(second), name
            assert inspect.iscoroutinefunction(second) == (name in WAITING), name
    assert parameters(plain) == parameters(asynchronous)


def parameters(call: Callable[..., Any]) -> list[tuple[str, Any, Any]]:
    return [(one.name, one.kind, one.default) for one in inspect.signature(call).parameters.values()]


def test_the_module_names_what_is_public() -> None:
    assert set(bench_app.aio.__all__) == {
        name
        for name, value in vars(bench_app.aio).items()
        if getattr(value, "__module__", "") == "bench_app.aio" and not name.startswith("_")
    }


def test_the_members_of_the_synchronous_face_work_in_a_loop(tmp_path: Path) -> None:
    async def work() -> None:
        config = {"socket_type": "REQ", "linger": 0, "topic": "", "heartbeat_interval": 2000}
        async with AsyncClient("server", {"socket_type": "REP"}) as server, AsyncClient("asker") as asker:
            server.set_config({"socket_type": "REP", "mode": "bind"})
            asker.set_config(config)
            asker.save_config(tmp_path / "asker.json")
            assert (asker.name, asker.get_config()["heartbeat_interval"]) == ("asker", 2000)
            await server.connect(ANY)
            await asker.connect(f"zmq://{server.endpoint}")
            assert (asker.reads, asker.owes_answer, asker.endpoint) == (True, False, server.endpoint)
            assert asker.event_handler(1)
            pending = asker.start_request(2)
            for _ in range(2):
                message = await server.read_message(10)
                assert message is not None and server.owes_answer
                server.write_message("", message.value)
            assert (await asyncio.wrap_future(pending.future)).value == 2
            assert (asker.is_connected, asker.state) == (True, "connected")
            assert asker.sentence.startswith("connected")
            await asyncio.to_thread(until, lambda: len(asker.unread_replies) == 1)
            assert asker.unread_replies[0].request_id == 1
            assert (server.stats.read, server.stats.answered) == (2, 2)
        async with AsyncOutput("o") as output:
            publisher = output.add_handler("p", "zmq://tcp://127.0.0.1:*", config={"socket_type": "PUB"}, mode="bind")
            with connected(zmq.SUB, publisher.endpoint):
                assert await wait_for_subscriber(publisher, 10)
            assert (output.name, list(output.handlers)) == ("o", ["p"])
            await output.remove_handler("p")
            assert publisher.closed and not output.handlers

    awaited(work)
