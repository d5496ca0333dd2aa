"""IPC communication

Connect processes of one machine: a PUB handler binds to a socket file.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bench_app import Output


def main(uri: str = "zmq://ipc:///tmp/cvedia-analytics.ipc", events: Iterable[Any] = ({"id": 1},)) -> None:
    config = {"socket_type": "PUB", "topic": "local.analytics", "high_water_mark": 2000, "linger": 500}
    with Output("ZMQLocalIPC") as output:
        output.add_handler("local-ipc", uri, "events", config)
        for event in events:
            output.write("events", event)


if __name__ == "__main__":
    main()
