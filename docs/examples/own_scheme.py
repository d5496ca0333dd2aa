"""A scheme of your own

Handlers for ``lines://PATH`` append each event as a line to a file, beside handlers of ``zmq://``.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench_app import Output
from bench_app.schemes import register


class LinesHandler:
    """Collects events, and appends them to a file ``batch`` at a time.

    Attributes:
        name, sink: every handler must have both. The output calls ``write`` for each event of this sink.
    """

    def __init__(self, name: str, uri: str, sink: str, config: Mapping[str, Any], bench: Mapping[str, Any]) -> None:
        self.name = name
        self.sink = sink
        self._path = Path(uri.removeprefix("lines://"))
        self._batch = config.get("batch", 100)
        self._lock = threading.Lock()  # any thread may write
        self._waiting: list[str] = []
        self._stopped = False

    def write(self, event: Any, dynamic_path: str = "") -> bool:
        with self._lock:
            if self._stopped:
                return False
            self._waiting.append(json.dumps(event) + "\n")
            if len(self._waiting) >= self._batch:
                self._append()
            return True

    def flush(self, timeout_s: float | None = None) -> bool:
        with self._lock:
            self._append()
        return True

    def stop(self) -> None:
        self._stopped = True

    def close(self) -> None:
        self.stop()
        self.flush()

    def _append(self) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.writelines(self._waiting)
        self._waiting.clear()


def main(path: str = "events.jsonl") -> int:
    register("lines", LinesHandler)
    with Output("exporter") as output:
        output.add_handler("archive", f"lines://{path}", "events", {"batch": 2}, handler_type=LinesHandler)
        taken = sum(output.write("events", {"id": number}) for number in range(3))
    print(f"{taken} events were written to {path}")
    return taken


if __name__ == "__main__":
    main()
