"""The latency to compare with: a blocking PUSH/PULL pair of plain pyzmq in two processes, sending at fixed times.

``python -m benchmarks.bare_pair RATE SECONDS SIZE`` prints the median of send -> received in ns.
"""

from __future__ import annotations

import multiprocessing
import statistics
import struct
import sys
import time
from multiprocessing.connection import Connection

import zmq

_STAMP = struct.Struct("<q")


def _receive(endpoint: str, count: int, out: Connection) -> None:
    with zmq.Context() as context, context.socket(zmq.PULL) as socket:
        socket.connect(endpoint)
        latencies = []
        for _ in range(count):
            body = socket.recv()
            latencies.append(time.perf_counter_ns() - _STAMP.unpack_from(body)[0])
        out.send(statistics.median(latencies))


def measure(rate: float, seconds: float, size: int) -> float:
    """Median latency in ns of ``rate`` messages a second of ``size`` bytes."""
    count = int(rate * seconds)
    our_end, receiver_end = multiprocessing.get_context("spawn").Pipe()
    with zmq.Context() as context, context.socket(zmq.PUSH) as socket:
        socket.bind("tcp://127.0.0.1:*")
        endpoint = socket.getsockopt_string(zmq.LAST_ENDPOINT)
        receiver = multiprocessing.get_context("spawn").Process(target=_receive, args=(endpoint, count, receiver_end))
        receiver.start()
        socket.poll(10_000, zmq.POLLOUT)
        padding = bytes(size - _STAMP.size)
        start = time.perf_counter()
        for number in range(count):
            wait = start + number / rate - time.perf_counter()
            if wait > 0:
                time.sleep(wait)
            socket.send(_STAMP.pack(time.perf_counter_ns()) + padding)
        median: float = our_end.recv()
        receiver.join()
    return median


if __name__ == "__main__":
    print(measure(float(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])))
