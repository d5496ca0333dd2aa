"""The data plane and the libzmq that a run is to use, and those in use: command line -> workers -> result."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal

import msgspec

from bench_app.errors import InputError

PlaneName = Literal["compiled", "python"]
PLANE_VARIABLE = "ZMQ_BENCH_PLANE"
"""The environment variable that makes a process run its loops in Python, with the value ``python``."""
_SEPARATORS = " :"
"""What separates files in LD_PRELOAD. There is no way to write a name that contains one of them."""


class PlaneReport(msgspec.Struct, frozen=True, kw_only=True):
    """The data plane of one process.

    Attributes:
        name: whether its loops are compiled or run in Python.
        reason: why they are not compiled; "" if they are.
        libzmq: the version of its libzmq.
        libzmq_path: the file of its libzmq; None if that is not known.
    """

    name: PlaneName
    reason: str = ""
    libzmq: str
    libzmq_path: str | None


class PlaneChoice(msgspec.Struct, frozen=True):
    """What a user has asked for.

    Attributes:
        plane: the plane of the workers; None for the compiled one where it can be used.
        libzmq: the libzmq of the workers, an absolute path; None for that of pyzmq.
    """

    plane: PlaneName | None = None
    libzmq: Path | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that make a new process use what was asked for."""
        variables: dict[str, str] = {} if self.plane is None else {PLANE_VARIABLE: self.plane}
        if self.libzmq is None:
            return variables
        if sys.platform == "darwin":
            # Libraries are found by name in these folders first. Preloading alone would not replace one.
            return variables | {
                "DYLD_INSERT_LIBRARIES": str(self.libzmq),
                "DYLD_LIBRARY_PATH": str(self.libzmq.parent),
            }
        others = os.environ.get("LD_PRELOAD")
        return variables | {"LD_PRELOAD": f"{self.libzmq}:{others}" if others else str(self.libzmq)}

    def refusal(self, used: PlaneReport) -> str:
        """Why a process that uses this does not do what was asked for; "" if it does."""
        if self.libzmq is not None and used.libzmq_path != os.path.realpath(self.libzmq):
            instead = f"they use {used.libzmq_path}" if used.libzmq_path else used.reason
            return f"{self.libzmq} is no libzmq that the workers can use: {instead}"
        if self.plane == "compiled" and used.name != "compiled":
            return f"the compiled data plane cannot be used: {used.reason}"
        return ""

    def early_refusal(self, ending: str) -> str:
        """Why a process that did not even start does not do what was asked for; "" if that is not the reason."""
        return "" if self.libzmq is None else f"no worker can start with {self.libzmq}: it {ending}"


AS_INSTALLED = PlaneChoice()
"""The compiled plane where it can be used, on pyzmq's libzmq."""


def usable_libzmq(file: Path) -> Path:
    """The absolute path of a file that workers are to load as their libzmq. Raises InputError.

    Whether it is a libzmq is found out by the workers.
    """
    if sys.platform == "win32":
        raise InputError("on Windows pyzmq cannot run on another libzmq")
    path = file.absolute()
    if not path.is_file():
        raise InputError(f"{path} is not a file")
    if sys.platform != "darwin" and any(separator in str(path) for separator in _SEPARATORS):
        raise InputError(f"a libzmq is preloaded by LD_PRELOAD, where a path has no blanks and colons: {path}")
    return path
