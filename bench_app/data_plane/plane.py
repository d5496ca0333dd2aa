"""The data plane of this process: compiled loops on pyzmq's own libzmq where that is possible, else loops in Python."""

from __future__ import annotations

import importlib
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import zmq

from bench_app.data_plane.choice import PLANE_VARIABLE, PlaneReport
from bench_app.data_plane.libzmq import UnprovenError, find_libzmq
from bench_app.data_plane.sources import are_modules_current

if TYPE_CHECKING:
    from bench_app.data_plane.zmq_functions import ZmqFunctions

LOOPS: tuple[str, ...] = ("receiving", "sending")
"""The compiled modules whose loops handlers and listeners use."""
_BASIS = ("beats", "latency_counts", "stamp_digits", "zmq_functions")
_NOT_COMPILED = "it is not compiled; where there is a C compiler, `make compile` compiles it"
_OUTDATED = "its sources have changed since it was compiled; `make compile` compiles it"
_CHOSEN = "the one in Python was asked for"
_NO_LOOPS = "there are no compiled loops yet"


class Plane(msgspec.Struct, frozen=True):
    """What the loops of this process run on.

    Attributes:
        report: which plane it is, and why.
        functions: the functions of libzmq, for compiled loops; None if the loops run in Python.
    """

    report: PlaneReport
    functions: ZmqFunctions | None


@cache
def active() -> Plane:
    """The plane of this process, found at the first call."""
    return find_plane(os.environ.get(PLANE_VARIABLE, ""))


def find_plane(chosen: str) -> Plane:
    """The plane of a process in which ``chosen`` was asked for: ``python``, or anything else for the fastest."""
    names: tuple[str, ...] = ()
    reason = _CHOSEN if chosen == "python" else _missing()
    if not reason:
        from bench_app.data_plane.zmq_functions import NAMES

        names = NAMES
    try:
        library = find_libzmq(names)
    except UnprovenError as error:
        return Plane(
            PlaneReport(name="python", reason=reason or str(error), libzmq=zmq.zmq_version(), libzmq_path=None), None
        )
    if reason:
        report = PlaneReport(name="python", reason=reason, libzmq=library.version, libzmq_path=library.path)
        return Plane(report, None)
    from bench_app.data_plane.zmq_functions import ZmqFunctions

    report = PlaneReport(name="compiled", libzmq=library.version, libzmq_path=library.path)
    return Plane(report, ZmqFunctions(library.addresses))


def _missing() -> str:
    """Why the compiled modules cannot be used; "" if they can."""
    if not are_modules_current(Path(__file__).parent):
        return _OUTDATED
    try:
        for name in (*_BASIS, *LOOPS):
            importlib.import_module(f"{__package__}.{name}")
    except ModuleNotFoundError:
        return _NOT_COMPILED
    except ImportError as error:
        # A module is of another version: it differs from the Python modules, or does not fit this Python.
        return str(error)
    return "" if LOOPS else _NO_LOOPS
