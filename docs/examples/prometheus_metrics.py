"""Metrics for Prometheus

Serve the counts of all handlers at http://localhost:9105/metrics, in the text format of Prometheus.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bench_app import HandlerStats, Output, OutputHandler

GAUGES = ("queued", "in_flight")
"""Counts that can fall; all others are counters."""


def metrics(output: Output) -> str:
    """All counts of all handlers."""
    stats = {name: one.stats for name, one in output.handlers.items() if isinstance(one, OutputHandler)}
    lines: list[str] = []
    for count in HandlerStats.__struct_fields__:
        metric, kind = (f"zmq_{count}", "gauge") if count in GAUGES else (f"zmq_{count}_total", "counter")
        lines.append(f"# TYPE {metric} {kind}")
        lines += [f'{metric}{{handler="{name}"}} {one.as_dict()[count]}' for name, one in stats.items()]
    return "\n".join(lines) + "\n"


@contextmanager
def serving(output: Output, port: int = 9105) -> Generator[str, None, None]:
    """Serve the metrics in a thread; gives the address."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = metrics(output).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(body)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Print nothing for each request."""

    with ThreadingHTTPServer(("127.0.0.1", port), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/metrics"
        finally:
            server.shutdown()
            thread.join()


def main(uri: str = "zmq://tcp://*:5555", seconds: float = 60) -> None:
    with Output("exporter") as output, serving(output) as address:
        output.add_handler("event-publisher", uri, "events", {"socket_type": "PUB", "topic": "analytics.events"})
        print(f"metrics at {address}")
        for number in range(int(seconds)):
            output.write("events", {"id": number})
            threading.Event().wait(1)


if __name__ == "__main__":
    main()
