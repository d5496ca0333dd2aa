"""Request-response service

Ask a service: a REQ handler sends one request at a time. It sends a request again if
no reply comes, and passes each reply to a callback. The service is the next program.
"""

from __future__ import annotations

from typing import Any

from bench_app import HandlerState, Output


def report(state: HandlerState, message: str) -> None:
    print(message)


def main(uri: str = "zmq://tcp://127.0.0.1:5558", requests: int = 3, request_timeout_ms: int = 1000) -> list[Any]:
    # Without a service, each request is given up after request_timeout x (1 + retries): two seconds.
    config = {"socket_type": "REQ", "request_timeout": request_timeout_ms, "retries": 1, "reconnect_interval": 500}
    replies: list[Any] = []
    with Output("ZMQServiceClient") as output:
        handler = output.add_handler(
            "service-client", uri, "service_requests", config, on_connection=report, on_reply=replies.append
        )
        print(f"{requests} requests to {handler.endpoint}")
        for number in range(requests):
            output.write("service_requests", {"request_id": number, "method": "classify"})
        output.flush(requests * 3)
        if handler.stats.request_timeout:
            print(f"no reply to {handler.stats.request_timeout} of {requests} requests; {handler.state.sentence}")
    return replies


if __name__ == "__main__":
    print(main())
