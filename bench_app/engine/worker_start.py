"""Where a worker process begins: ``python -m bench_app.engine.worker_start``. Loads :mod:`bench_app.engine.worker`.

Every run waits for its workers to load, so they do it without looking for garbage in between: what is loaded stays.
Nor is it looked at in a run, where going through it would be a pause that some event has to wait for.
"""

from __future__ import annotations

import gc


def main() -> None:
    """Load the worker, and serve."""
    gc.disable()
    from bench_app.engine.worker import main as serve

    gc.freeze()
    gc.enable()
    serve()


if __name__ == "__main__":
    main()
