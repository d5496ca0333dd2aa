"""The service

Answer requests with plain pyzmq: a REP socket reads a request and sends its reply, in turn. The reply has
the ``request_id`` of its request.
"""

from __future__ import annotations

import json

import zmq


def main(endpoint: str = "tcp://127.0.0.1:5558", requests: int | None = None) -> None:
    with zmq.Context() as context, context.socket(zmq.REP) as socket:
        socket.bind(endpoint)
        while requests is None or requests > 0:
            request = json.loads(socket.recv())
            socket.send(json.dumps({"request_id": request.get("request_id"), "label": "car"}).encode())
            requests = None if requests is None else requests - 1


if __name__ == "__main__":
    main()
