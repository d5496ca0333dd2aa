"""Where a worker process begins: ``python -m bench_app.engine.worker``; it loads :mod:`.process`.

Every run waits for its workers to load, so they do it without looking for garbage in between: what is loaded stays.
Nor is it looked at in a run, where going through it would be a pause that some event has to wait for.
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
