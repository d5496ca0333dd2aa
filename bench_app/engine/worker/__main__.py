"""The start of a worker process, ``python -m bench_app.engine.worker``: it loads :mod:`.process` and serves.

With ``--template`` it becomes a template of workers, :mod:`.template`, and serves in each process that it forks.

Every run waits until its workers have loaded. So the garbage collector is off while they load: the modules stay anyway.
Afterwards they are frozen, so that the collector skips them in a run, and its pauses there stay short.
"""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Load the worker, and serve."""
    gc.disable()
    from bench_app.engine.worker.process import main as serve

    gc.freeze()
    gc.enable()
    if sys.argv[1:]:
        from bench_app.engine.worker.template import run_template

        run_template(int(sys.argv[-1]), serve)
    else:
        serve()


if __name__ == "__main__":
    main()
