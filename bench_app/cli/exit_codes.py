"""The exit codes of ``zmq-bench``. Every command documents those it can end with."""

from __future__ import annotations

EXIT_CODES = {"pass": 0, "fail": 1, "invalid": 3}
EXIT_INPUT = 2
EXIT_FAILED = 3
EXIT_INTERRUPTED = 130
