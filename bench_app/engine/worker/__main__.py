"""The start of a worker process, ``python -m bench_app.engine.worker``: it loads :mod:`.process` and serves.

Every run waits until its workers have loaded. So the garbage collector is off while they load: the modules stay anyway.
Afterwards they are frozen, so that the collector skips them in a run, and its pauses there stay short.
"""

from __future__ import annotations

import gc


def main() -> None:
    """Load the worker, and serve."""
    gc.disable()
    from bench_app.engine.worker.process import main as serve

    gc.freeze()
    gc.enable()
    serve()


if __name__ == "__main__":
    main()
