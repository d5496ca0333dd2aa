"""The exit codes of ``zmq-bench``. The help of every command lists the codes that it can end with."""

from __future__ import annotations

EXIT_CODES = {"pass": 0, "fail": 1, "invalid": 3}
EXIT_INPUT = 2
EXIT_FAILED = 3
EXIT_INTERRUPTED = 130
EXIT_NOT_ALL_SENT = 1
