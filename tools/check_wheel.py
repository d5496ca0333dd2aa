"""Checks an installed wheel: the data plane is compiled, and its libzmq is proven. Called by cibuildwheel."""

from __future__ import annotations

import importlib
from pathlib import Path

from bench_app.data_plane.libzmq import find_libzmq
from bench_app.data_plane.zmq_functions import NAMES

SOURCES = Path(__file__).resolve().parent.parent / "bench_app" / "data_plane"


def main() -> None:
    """Load every compiled module, and find libzmq."""
    for file in sorted(SOURCES.glob("*.pyx")):
        print(importlib.import_module(f"bench_app.data_plane.{file.stem}").__file__)
    library = find_libzmq(NAMES)
    print(f"libzmq {library.version}, {library.path}")


if __name__ == "__main__":
    main()
