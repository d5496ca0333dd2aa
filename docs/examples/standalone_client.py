"""Standalone client

Direct control: one socket without an Output. The config says which of the six socket types it has.
"""

from __future__ import annotations

import time
from typing import Any

from bench_app import Message, ZmqClient


def send(uri: str = "zmq://tcp://localhost:5555", socket_type: str = "PUSH") -> bool:
    message = {
        "timestamp": time.time(),
        "source": "cvedia-rt",
        "data": "Custom analytics data",
        "metadata": {"camera_id": "cam-001", "event_type": "custom_event"},
    }
    with ZmqClient("DirectZMQ", {"socket_type": socket_type}) as client:
        client.connect(uri)
        return client.write_message("custom.topic", message)


def receive(uri: str = "zmq://tcp://localhost:5555", timeout_s: float = 5.0, **config: Any) -> Message | None:
    with ZmqClient("DirectZMQ", {"socket_type": "SUB", "topic": "custom", **config}) as client:
        client.connect(uri)
        return client.read_message(timeout_s)


def main(workers: str = "zmq://tcp://localhost:5555", publisher: str = "zmq://tcp://localhost:5555") -> Message | None:
    if not send(workers):
        print("the message was not taken")
    return receive(publisher)


if __name__ == "__main__":
    print(main())
