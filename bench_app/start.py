"""The start of the command ``zmq-bench``. It imports almost nothing, so that Ctrl+C works while the rest loads."""

from __future__ import annotations

import gc
import sys

EXIT_INTERRUPTED = 130


def main() -> None:
    """Load the command line, which takes a moment, and run it.

    The garbage collector is off meanwhile: it would search modules that stay anyway.
    """
    gc.disable()
    try:
        from bench_app.cli.commands import main as run
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    gc.freeze()
    gc.enable()
    run()


if __name__ == "__main__":
    main()
