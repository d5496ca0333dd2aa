"""Compiles the loops of the data plane, bench_app/data_plane/*.pyx, when the package is built or installed.

``python hatch_build.py`` compiles them in place. They need a C compiler and Python's headers, and no header of libzmq.
Without a compiler the package is built all the same: the bench then runs the same loops in Python, which is slower.
ZMQ_BENCH_REQUIRE_COMPILED=1 makes a failed compilation an error.

A wheel also gets the documentation if ``make docs`` has built it before: the window shows it without the network.
"""

from __future__ import annotations

import os
import runpy
import shutil
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.builders.wheel import WheelBuilder

PACKAGE = Path("bench_app", "data_plane")
REQUIRED = os.environ.get("ZMQ_BENCH_REQUIRE_COMPILED") == "1"
FIRST_STABLE = (3, 12)
"""From this version on, one file serves all later versions of CPython, by their stable ABI."""
USES_STABLE_ABI = (
    sys.implementation.name == "cpython"
    and sys.version_info >= FIRST_STABLE
    and not sysconfig.get_config_var("Py_GIL_DISABLED")
)
_VERSION = FIRST_STABLE if USES_STABLE_ABI else sys.version_info
_FLAGS = sysconfig.get_config_var("abiflags") or ""
TAG = f"cp{_VERSION[0]}{_VERSION[1]}-" + ("abi3" if USES_STABLE_ABI else f"cp{_VERSION[0]}{_VERSION[1]}{_FLAGS}")
"""The first two parts of a wheel's tag: the oldest version that the compiled files serve, and their ABI."""
DIRECTIVES = {
    "language_level": "3",
    # Each object of these modules is used by one thread, so the modules work without the GIL.
    "freethreading_compatible": True,
}


class NotCompiledError(Exception):
    """The data plane could not be compiled; the message says why."""


def built_documentation(root: Path) -> dict[str, str]:
    """The files of the built site with their places in the wheel; empty if ``make docs`` has not built it."""
    site = root / "build" / "docs"
    files = (file for file in site.rglob("*") if file.is_file())
    places = {file: file.relative_to(site) for file in files}
    # Sphinx keeps what it has read in a hidden folder, and needs it for the next build only.
    shown = {file: place for file, place in places.items() if not place.parts[0].startswith(".")}
    return {str(file): str(Path("bench_app", "site") / place) for file, place in shown.items()}


def is_supported() -> bool:
    """Whether this platform has a compiled data plane. On Windows, pyzmq hides the functions of its libzmq."""
    return sys.platform != "win32" and sys.implementation.name == "cpython"


def compile_modules(root: Path) -> list[Path]:
    """Compile what has changed since the last time, into the folder ``build``; returns the compiled files.

    Raises NotCompiledError.
    """
    try:
        from Cython.Build import cythonize
        from setuptools import Distribution, Extension
        from setuptools.command.build_ext import build_ext
        from setuptools.errors import CCompilerError, ExecError
    except ImportError as error:
        raise NotCompiledError(f"the Python package {error.name} is missing") from error
    folder = root / "build" / "data_plane" / TAG
    before = Path.cwd()
    # Names of modules, and paths in C code, are relative to the root.
    os.chdir(root)
    try:
        extensions = [
            Extension(
                ".".join((*PACKAGE.parts, file.stem)),
                [str(file)],
                extra_compile_args=["-O3", "-g0"],
                define_macros=[("Py_LIMITED_API", f"0x{FIRST_STABLE[0]:02x}{FIRST_STABLE[1]:02x}0000")]
                if USES_STABLE_ABI
                else [],
                py_limited_api=USES_STABLE_ABI,
            )
            for file in sorted(PACKAGE.glob("*.pyx"))
        ]
        modules = cythonize(extensions, build_dir=str(folder / "c"), compiler_directives=DIRECTIVES, quiet=True)
        command = build_ext(Distribution({"ext_modules": modules}))
        command.build_lib = str(folder / "lib")
        command.build_temp = str(folder / "o")
        command.parallel = True
        command.ensure_finalized()
        command.run()
        return [root / path for path in command.get_outputs()]
    except (CCompilerError, ExecError, FileNotFoundError) as error:
        compiler = os.environ.get("CC") or sysconfig.get_config_var("CC")
        raise NotCompiledError(f"the C compiler ({compiler}) is missing or failed") from error
    # Cython and setuptools fail in many ways, and each of them has the same consequence.
    except (Exception, SystemExit) as error:
        raise NotCompiledError(f"of an error: {error or type(error).__name__}") from error
    finally:
        os.chdir(before)


def install_in_place(root: Path, files: list[Path]) -> None:
    """Put compiled files beside their sources, with a digest of the sources.

    A running process may use the old files, so they are not overwritten.
    """
    sources = runpy.run_path(str(root / PACKAGE / "sources.py"))
    for file in files:
        target = root / PACKAGE / file.name
        if target.is_file() and target.read_bytes() == file.read_bytes():
            continue
        fresh = target.with_name(f".{target.name}.{os.getpid()}")
        shutil.copy2(file, fresh)
        fresh.replace(target)
    (root / PACKAGE / sources["DIGEST_FILE"]).write_text(sources["digest"](root / PACKAGE))


def failure_message(error: NotCompiledError) -> str:
    """What to print where the compilation failed."""
    return (
        f"The data plane was not compiled, because {error}. It needs a C compiler and the headers of Python "
        "(Debian: gcc libc6-dev python3-dev; macOS: xcode-select --install)."
    )


class CompileHook(BuildHookInterface):  # type: ignore[type-arg]
    """Compiles for a wheel, or in place for an editable installation. Adds the built documentation to a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it makes the wheel; ``version`` is ``editable`` or ``standard``."""
        root = Path(self.root)
        if version != "editable":
            build_data["force_include"].update(built_documentation(root))
        if not is_supported():
            return
        try:
            files = compile_modules(root)
        except NotCompiledError as error:
            if REQUIRED:
                self.app.abort(failure_message(error))
            self.app.display_warning(f"{failure_message(error)} The bench will run its loops in Python, slower.")
            return
        if version == "editable":
            install_in_place(root, files)
            return
        build_data["force_include"].update({str(file): str(PACKAGE / file.name) for file in files})
        build_data["pure_python"] = False
        _, _, platform = WheelBuilder(self.root).get_best_matching_tag().split("-")
        build_data["tag"] = f"{TAG}-{platform}"


def main() -> None:
    """Compile in place."""
    root = Path(__file__).resolve().parent
    if not is_supported():
        sys.exit("This platform has no compiled data plane: the bench runs its loops in Python.")
    try:
        install_in_place(root, compile_modules(root))
    except NotCompiledError as error:
        sys.exit(failure_message(error))


if __name__ == "__main__":
    main()
