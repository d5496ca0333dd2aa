"""Work distribution

Distribute work: a PUSH handler deals tasks to workers in turn. A slow worker gets the same share as a fast one.
"""

from __future__ import annotations

from bench_app import Output


def main(uri: str = "zmq://tcp://work-queue:5556", tasks: int = 100) -> int:
    config = {"socket_type": "PUSH", "high_water_mark": 5000, "send_timeout": 100, "reconnect_interval": 5000}
    with Output("ZMQWorkDistributor") as output:
        output.add_handler("work-distributor", uri, "processing_tasks", config)
        return sum(output.write("processing_tasks", {"task_id": number}) for number in range(tasks))


if __name__ == "__main__":
    print(f"{main()} tasks were taken")
