"""With asyncio

Publish and ask from coroutines: writing never waits, and replies and news of connections come into the loop.
"""

from __future__ import annotations

import asyncio
from typing import Any

from bench_app import OutputHandler
from bench_app.aio import AsyncOutput, connection_news, request
from bench_app.errors import RequestTimeoutError


async def report(handler: OutputHandler) -> None:
    async for state, message in connection_news(handler):
        print(f"{handler.name}: {message} ({state.state})")


async def publish(output: AsyncOutput, events: int) -> None:
    for number in range(events):
        output.write("events", {"id": number})  # never waits, so it is no coroutine
        await asyncio.sleep(0.01)


async def ask(handler: OutputHandler) -> Any:
    try:
        reply = await request(handler, {"method": "classify"})
    except RequestTimeoutError as error:
        return f"no reply to {error.attempts} attempts in {error.elapsed_s:.1f} s"
    return reply.value


async def main(
    publisher: str = "zmq://tcp://*:5555",
    service: str = "zmq://tcp://127.0.0.1:5558",
    events: int = 100,
    request_timeout_ms: int = 500,
) -> Any:
    config = {"socket_type": "REQ", "request_timeout": request_timeout_ms, "retries": 1}
    async with asyncio.TaskGroup() as tasks, AsyncOutput("exporter") as output:
        output.add_handler("publisher", publisher, "events", {"socket_type": "PUB", "topic": "analytics.events"})
        client = output.add_handler("client", service, "requests", config)
        tasks.create_task(report(client))  # ends when the handler is closed
        _, answer = await asyncio.gather(publish(output, events), ask(client))
        await output.flush(5)
    return answer


if __name__ == "__main__":
    print(asyncio.run(main()))
