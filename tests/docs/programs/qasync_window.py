"""A window of Qt on a qasync loop that shows messages and the state of their connection."""

from __future__ import annotations

import asyncio
import sys

import qasync
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from bench_app import Output
from bench_app.aio import AsyncClient


class Monitor(QWidget):
    """Shows the newest message and the state of the connection."""

    def __init__(self, client: AsyncClient) -> None:
        super().__init__()
        self._client = client
        self._text, self._state = QLabel("no message yet"), QLabel(client.sentence)
        layout = QVBoxLayout(self)
        layout.addWidget(self._text)
        layout.addWidget(self._state)

    async def show_messages(self, count: int) -> list[int]:
        """Show messages as they come; returns their numbers."""
        shown: list[int] = []
        async for message in self._client:
            shown.append(message.value["id"])
            self._text.setText(f"{message.topic} {message.value}")
            self._state.setText(f"{self._client.sentence}, {self._client.stats.read} read")
            if len(shown) == count:
                break
        return shown


async def run(count: int) -> list[int]:
    """Show the messages of a publisher in the same program."""
    with Output("publisher") as output:
        handler = output.add_handler("p", "zmq://inproc://monitor", config={"socket_type": "PUB", "topic": "a"})
        async with AsyncClient("monitor", {"socket_type": "SUB", "topic": "a"}) as client:
            await client.connect("zmq://inproc://monitor")
            window = Monitor(client)
            window.show()
            await asyncio.to_thread(handler.wait_for_subscriber, 10)
            for number in range(count):
                output.write("events", {"id": number})
            shown = await window.show_messages(count)
            window.close()
    return shown


def main(count: int = 20) -> list[int]:
    """Run the window until it has shown ``count`` messages."""
    application = QApplication(sys.argv)
    # Closing the window must not stop the loop: the client has still to be disconnected.
    application.setQuitOnLastWindowClosed(False)
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(application)) as runner:
        return runner.run(run(count))


if __name__ == "__main__":
    print(main())
