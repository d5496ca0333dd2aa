"""Basic event publishing

Publish analytics events: a PUB handler sends every event of the sink "events".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bench_app import Output


def main(uri: str = "zmq://tcp://*:5555", events: Iterable[Any] = ({"id": 1},)) -> None:
    config = {"socket_type": "PUB", "topic": "analytics.events", "high_water_mark": 1000, "linger": 1000}
    with Output("ZMQEventPublisher") as output:
        handler = output.add_handler("event-publisher", uri, "events", config)
        for event in events:
            output.write("events", event)
        output.flush(5)
        print(handler.stats)


if __name__ == "__main__":
    main()
