"""Modules of the library that moved after 0.1.0: a program that imports a former name still works.

Only names that the 0.1.0 reference documented are here. Remove this file with the next major version.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.abc import Loader
else:
    # Python needs the methods of a loader and not its class, and each process would spend 25 ms on that module.
    Loader = object

MOVED = {
    "bench_app.client": "bench_app.library.client",
    "bench_app.connection": "bench_app.transport.connection",
    "bench_app.output": "bench_app.library.output",
    "bench_app.output_handler": "bench_app.library.output_handler",
}
"""Former module -> the module that has its names now."""


class _FormerModule(Loader):
    """Finds a former name and loads the present module in its place.

    It is the last finder, so Python asks it only for modules that no other finder has.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return ModuleSpec(fullname, self) if fullname in MOVED else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        present = MOVED[spec.name]
        warnings.warn(f"{spec.name} is now {present}", DeprecationWarning, stacklevel=2)
        return _alias(spec.name, importlib.import_module(present))

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: ``create_module`` has filled the module already."""


def _alias(name: str, present: ModuleType) -> ModuleType:
    """A module of the former name with the same objects; the present module keeps its own name and spec."""
    module = ModuleType(name, present.__doc__)
    module.__dict__.update({key: value for key, value in vars(present).items() if not key.startswith("__")})
    return module


def install() -> None:
    """Make imports of former names work; the package calls it once."""
    if not any(isinstance(finder, _FormerModule) for finder in sys.meta_path):
        sys.meta_path.append(_FormerModule())
