"""A service with an asyncio loop that also publishes its readings, and a reader in the same loop."""

from __future__ import annotations

import asyncio
import math

from bench_app import Loss, OutputHandler
from bench_app.aio import AsyncClient, AsyncOutput, connection_news, wait_for_subscriber


class Sensor:
    """A part of the service that publishes.

    Attributes:
        losses: what the handler lost.
        news: what happened to its connections.
    """

    def __init__(self, output: AsyncOutput, uri: str) -> None:
        config = {"socket_type": "PUB", "topic": "sensor", "linger": 0}
        self.losses: list[Loss] = []
        self.news: list[str] = []
        self._output = output
        self._handler: OutputHandler = output.add_handler(
            "sensor", uri, "readings", config, mode="bind", on_loss=self.losses.append
        )

    @property
    def uri(self) -> str:
        """The uri for subscribers."""
        return f"zmq://{self._handler.endpoint}"

    async def follow(self) -> None:
        """Collect the news of the connections."""
        async for state, message in connection_news(self._handler):
            self.news.append(f"{state.state}: {message}")

    async def publish(self, readings: int) -> int:
        """Publish some readings; returns how many the handler took."""
        await wait_for_subscriber(self._handler, 10)
        taken = 0
        for number in range(readings):
            level = math.nan if number % 10 == 9 else number / 10
            taken += self._output.write("readings", {"id": number, "level": level}, f"room-{number % 2}")
            await asyncio.sleep(0)
        await self._output.flush(10)
        return taken


async def read(client: AsyncClient, readings: int) -> list[tuple[str, float | None]]:
    """Topic and level of each reading."""
    found: list[tuple[str, float | None]] = []
    async for message in client:
        found.append((message.topic, message.value["level"]))
        if len(found) == readings:
            break
    return found


async def main(uri: str = "zmq://tcp://127.0.0.1:*", readings: int = 20) -> tuple[int, list[tuple[str, float | None]]]:
    """Publish and read; returns how many events were taken, and what was read."""
    async with asyncio.TaskGroup() as tasks, AsyncOutput("service", on_unencodable="convert") as output:
        sensor = Sensor(output, uri)
        async with AsyncClient("reader", {"socket_type": "SUB", "topic": "sensor"}) as client:
            await client.connect(sensor.uri)
            tasks.create_task(sensor.follow())  # ends when the handler is closed
            taken, found = await asyncio.gather(sensor.publish(readings), read(client, readings))
            print(client.stats.as_dict(), sensor.news, sensor.losses)
    return taken, found


if __name__ == "__main__":
    print(asyncio.run(main()))
