"""Modules of the library that moved after 0.1.0: a program that imports one by its former name goes on working.

Only names that the 0.1.0 reference documented are here. Remove this file with the next major version.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

MOVED = {
    "bench_app.client": "bench_app.library.client",
    "bench_app.connection": "bench_app.transport.connection",
    "bench_app.output": "bench_app.library.output",
    "bench_app.output_handler": "bench_app.library.output_handler",
}
"""Former module -> the module that has its names now."""


class _FormerModule(MetaPathFinder, Loader):
    """Finds a former name and loads the module of today in its place. Asked only for what no other finder has."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return ModuleSpec(fullname, self) if fullname in MOVED else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        today = MOVED[spec.name]
        warnings.warn(f"{spec.name} is now {today}", DeprecationWarning, stacklevel=2)
        return _alias(spec.name, importlib.import_module(today))

    def exec_module(self, module: ModuleType) -> None:
        """Nothing: its names are there already."""


def _alias(name: str, today: ModuleType) -> ModuleType:
    """A module of the former name with the same objects; the module of today keeps its own name and spec."""
    module = ModuleType(name, today.__doc__)
    module.__dict__.update({key: value for key, value in vars(today).items() if not key.startswith("__")})
    return module


def install() -> None:
    """Have imports of the former names found; called once, by the package."""
    if not any(isinstance(finder, _FormerModule) for finder in sys.meta_path):
        sys.meta_path.append(_FormerModule())
