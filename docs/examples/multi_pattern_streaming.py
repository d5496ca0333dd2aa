"""Multi-pattern data streaming

Several patterns in one Output: the events of a sink go to every handler of this sink.
"""

from __future__ import annotations

from typing import Any

from bench_app import Output
from bench_app.errors import BenchError

HANDLERS: list[dict[str, Any]] = [
    {
        "name": "event-broadcast",
        "uri": "zmq://tcp://*:5555",
        "sink": "events",
        "config": {"socket_type": "PUB", "topic": "analytics.events", "high_water_mark": 1000},
    },
    {
        "name": "work-distribution",
        "uri": "zmq://tcp://work-queue:5556",
        "sink": "processing_tasks",
        "config": {"socket_type": "PUSH", "high_water_mark": 5000, "send_timeout": 50},
    },
    {
        "name": "diagnostics-feed",
        "uri": "zmq://tcp://*:5557",
        "sink": "diagnostics",
        "config": {"socket_type": "PUB", "topic": "system.diagnostics", "high_water_mark": 500},
    },
]


def main(handlers: list[dict[str, Any]] = HANDLERS) -> dict[str, int]:
    with Output("ZMQMultiStream") as output:
        for wanted in handlers:
            try:
                output.add_handler(**wanted)
            except BenchError as error:
                print(f"{wanted['name']} was not made: {error}")
        return {
            "events": output.write("events", {"id": 1}),
            "processing_tasks": output.write("processing_tasks", {"task_id": 1}),
            "diagnostics": output.write("diagnostics", {"frames_processed": 1}),
        }


if __name__ == "__main__":
    print(main())
