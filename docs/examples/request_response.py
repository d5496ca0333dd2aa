"""Request-response service

Ask a service: a REQ handler sends one request at a time. It sends a request again if
no reply comes, and passes each reply to a callback.
"""

from __future__ import annotations

from typing import Any

from bench_app import Output


def main(uri: str = "zmq://tcp://api-service:5558", requests: int = 3) -> list[Any]:
    config = {"socket_type": "REQ", "request_timeout": 5000, "retries": 3, "reconnect_interval": 2000}
    replies: list[Any] = []
    with Output("ZMQServiceClient") as output:
        handler = output.add_handler("service-client", uri, "service_requests", config)
        handler.on_reply = replies.append
        for number in range(requests):
            output.write("service_requests", {"request_id": number, "method": "classify"})
        output.flush(30)
    return replies


if __name__ == "__main__":
    print(main())
