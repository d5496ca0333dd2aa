"""Runs tests on the oldest Python of this machine, with the oldest version of each run-time package.

    python -m tools.check_oldest [ARGUMENTS OF PYTEST]

The lower bounds in pyproject.toml are true if the tests pass. By default all tests run, with few examples of each
property. A test that fails is run once more by itself, because the question here is versions, not load.
"""

from __future__ import annotations

import shutil
import subprocess
import sys

from tools.bare_environments import Environment, pythons
from tools.locked_versions import ROOT, constraints, development_packages, oldest_packages

FOLDER = ROOT / "build" / "oldest"
NOT_TESTED = {
    "tests/bench_ui/end_to_end/test_x11.py": "pyqtgraph 0.14 prints a warning of PySide6 6.8 when a program ends",
    "tests/test_hatch_build.py": "what it tests are the tools of the build; make installation builds, too",
    "tests/docs/test_typing.py": "type checkers read the newest stubs",
}
"""What no lower bound is about, and why."""
OPTIONS = [
    *("-q", "--no-header", "-m", "not alone", "-n", "3", "--dist", "worksteal", "--hypothesis-profile", "few"),
    *(f"--ignore={file}" for file in NOT_TESTED),
]
OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen"}
NOT_COPIED = shutil.ignore_patterns(
    *(".git", ".venv", "build", "dist", "*.so", "compiled_from.txt", "__pycache__", ".*_cache", ".hypothesis")
)


def main(arguments: list[str]) -> int:
    """Install and test; returns the exit code of pytest."""
    python = pythons()[0]
    shutil.rmtree(FOLDER, ignore_errors=True)
    source = FOLDER / "source"
    # A copy of the sources: the data plane is compiled in place, and not for this Python only.
    shutil.copytree(ROOT, source, ignore=NOT_COPIED)
    requirements = list(oldest_packages().values())
    (FOLDER / "constraints.txt").write_text("\n".join(constraints()) + "\n")
    environment = Environment(python, FOLDER / "environment")
    locked = ["-c", str(FOLDER / "constraints.txt")]
    # Without its bytecode: most of what is installed is never imported.
    environment.run(
        ["pip", "install", "--quiet", "--no-compile", *locked, *requirements, *development_packages()], source
    )
    environment.run(["pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "-e", "."], source)
    print(f"Python {python}, {', '.join(requirements)}", flush=True)
    tests = arguments or OPTIONS
    pytest = [str(FOLDER / "environment" / "bin" / "pytest")]
    first = subprocess.run([*pytest, *tests], cwd=source, env=environment.variables | OFFSCREEN, check=False)
    if first.returncode == 0:
        return 0
    again = ["-n", "0", "--last-failed", "--last-failed-no-failures", "none"]
    second = subprocess.run([*pytest, *tests, *again], cwd=source, env=environment.variables | OFFSCREEN, check=False)
    return second.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
