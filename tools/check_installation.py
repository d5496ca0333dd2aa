"""Builds the wheel and checks it as users get it, on the oldest and the newest Python of this machine.

    python -m tools.check_installation

The wheel is built and installed by the pip commands of the Dockerfile, in bare virtual environments. It is used in a
folder with modules of a user, whose names are those of our folders and of packages that we use. Where there is a Docker
daemon, the container is built, too.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from tools.bare_environments import CheckError, Environment, Python, pythons
from tools.locked_versions import ROOT, locked_versions

MOST_BYTES = 25_000_000
"""The download of the command line and the library, without the window."""
DOCS = ("sphinx", "furo", "myst-parser")
INSTALL_WINDOW = 'pip install "zmq-bench[window]"'
FILES = """
from importlib.metadata import files
print(*sorted({file.parts[0] for file in files("zmq-bench")} - {".."}))
"""
FEWEST_RECIPES = 4
REPOSITORY = """
git init --quiet --initial-branch main && git add production.json
git -c user.name=a -c user.email=a@b commit --quiet --message preset
git clone --quiet --bare . up.git && git remote add origin up.git && git fetch --quiet origin
"""
TYPED = "import bench_app, pathlib; print((pathlib.Path(bench_app.__file__).parent / 'py.typed').is_file())"
_STARTED = time.monotonic()
IMAGE = "zmq-bench-check"
PULL_S = 120
IN_THE_WAY = ("ui", "numpy", "queue", "PySide6")


def main() -> int:
    """Check both; returns an exit code."""
    found = pythons()
    for python in sorted({found[0], found[-1]}):
        with tempfile.TemporaryDirectory() as folder:
            try:
                check(python, Path(folder))
            except CheckError as error:
                print(f"Python {python}: {error}", file=sys.stderr)
                return 1
    try:
        print(check_container(), flush=True)
    except CheckError as error:
        print(f"the container: {error}", file=sys.stderr)
        return 1
    return 0


def check(python: Python, folder: Path) -> None:
    """Build, install and use the wheel. Raises CheckError."""
    wheels = folder / "wheels"
    building, installing = (command.replace("/wheels", str(wheels)) for command in docker_commands())
    Environment(python, folder / "building").run(building, ROOT, ZMQ_BENCH_REQUIRE_COMPILED="1")
    (wheel,) = wheels.glob("*.whl")
    done(python, f"built {wheel.name}")

    user = Environment(python, folder / "user")
    check_size(user, wheel, folder, python)
    user.run(installing, folder)
    expect(user.python(FILES, folder), f"bench_app bench_ui zmq_bench-{wheel.name.split('-')[1]}.dist-info")
    expect(user.python(TYPED, folder), "True")
    work = folder_of_a_user(folder)
    check_terminal(user, work)
    done(python, "the terminal works without the window")
    check_ci(user, wheel, folder)
    done(python, "the recipes for CI work")

    user.run(["pip", "install", "--quiet", f"{wheel}[window]"], folder)
    check_window(user, work)
    done(python, "the window opens")
    check_docs(user, folder)
    done(python, "the documentation can be built")


def check_container() -> str:
    """Build and run the container where Docker can have its base images; returns what was done. Raises CheckError."""
    images = sorted(set(re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)))
    if shutil.which("docker") is None or not all(is_there(image) for image in images):
        return "no Docker here has the base images: the container was not built, its steps were tried above"
    for command in (["docker", "build", "--quiet", "--tag", IMAGE, "."], ["docker", "run", "--rm", IMAGE, "--version"]):
        finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if finished.returncode != 0:
            raise CheckError(f"{' '.join(command)} ended with {finished.returncode}:\n{finished.stderr}")
    return "the container was built and runs"


def is_there(image: str) -> bool:
    """Whether there is a daemon of Docker that has this image or can pull it."""
    try:
        pulled = subprocess.run(["docker", "pull", "--quiet", image], capture_output=True, check=False, timeout=PULL_S)
    except subprocess.TimeoutExpired:
        return False
    return pulled.returncode == 0


def docker_commands() -> list[str]:
    """The pip commands of the Dockerfile: build and install."""
    return re.findall(r"^RUN (pip .*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


def check_size(user: Environment, wheel: Path, folder: Path, python: Python) -> None:
    """The download of the wheel and what it needs is small."""
    user.run(["pip", "download", "--quiet", "--dest", str(folder / "download"), str(wheel)], folder)
    size = sum(file.stat().st_size for file in (folder / "download").iterdir())
    done(python, f"{size / 1e6:.1f} MB to download")
    if size >= MOST_BYTES:
        raise CheckError(f"{size:,} bytes to download")


def folder_of_a_user(folder: Path) -> Path:
    """A working directory with the user's own modules, which must not be imported."""
    work = folder / "work"
    for name in IN_THE_WAY:
        (work / name).mkdir(parents=True)
        (work / name / "__init__.py").write_text(f"raise RuntimeError('imported {name} of the working directory')\n")
    return work


def check_terminal(user: Environment, work: Path) -> None:
    """The commands work, the loops are compiled, and a missing window is a sentence."""
    version = user.run(["zmq-bench", "--version"], work).stdout
    if "data plane: compiled" not in version:
        raise CheckError(f"zmq-bench --version: {version}")
    names = [path.stem for path in (ROOT / "presets").glob("*.json")]
    listed = user.run(["zmq-bench", "presets"], work).stdout
    if missing := [name for name in names if name not in listed]:
        raise CheckError(f"zmq-bench presets does not have {missing}")
    # 1: a check failed, 3: the machine was too busy to judge the run. Neither says anything about the installation.
    short = ["--set", "bench.duration_s=2", "--json", "result.json"]
    user.run(["zmq-bench", "run", "multi-pattern", *short], work, allowed=(0, 1, 3))
    result = json.loads((work / "result.json").read_text())
    if not result["balanced"] or result["machine"]["data_plane"] != "compiled":
        raise CheckError(f"zmq-bench run multi-pattern: {result['reasons']}, {result['machine']}")
    preset = ROOT / "presets" / "local-ipc.json"
    document = json.loads(preset.read_text())
    document["bench"]["duration_s"] = 1
    (work / "short.json").write_text(json.dumps(document))
    opened = user.run(["zmq-bench", "short.json"], work, allowed=(0, 1, 3))
    if INSTALL_WINDOW not in opened.stderr or "Traceback" in opened.stderr:
        raise CheckError(f"zmq-bench without the window: {opened.stderr}")


def check_ci(user: Environment, wheel: Path, folder: Path) -> None:
    """The lines of the recipes for CI work in a repository with a preset and the wheel; only the runs are shorter."""
    page = (ROOT / "docs" / "how-to" / "ci.md").read_text()
    recipes = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    if len(recipes) < FEWEST_RECIPES:
        raise CheckError(f"the page about CI has {len(recipes)} recipes")
    preset = json.loads((ROOT / "docs" / "presets" / "tutorial-own-file.json").read_text())
    preset["bench"]["duration_s"] = 1
    for number, recipe in enumerate(recipes):
        work = folder / f"ci-{number}"
        (work / "wheels").mkdir(parents=True)
        shutil.copy(wheel, work / "wheels")
        (work / "production.json").write_text(json.dumps(preset))
        user.run(REPOSITORY, work)
        for line in lines_of(yaml.safe_load(recipe)):
            short = re.sub(r"\$\{\{.*?\}\}", "main", line.replace("--repeat 10", "--repeat 2"))
            # 1: two runs a side show nothing, but a check may fail. 3: the machine was too busy. Both are answers.
            allowed = (0, 1, 3) if "zmq-bench" in line else (0,)
            found = user.run(short, work, allowed, CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main")
            if "Traceback" in found.stderr:
                raise CheckError(f"{line}: {found.stderr}")


def lines_of(recipe: Any) -> list[str]:
    """The shell lines of a job of GitHub, of some of its steps, or of a job of GitLab."""
    if isinstance(recipe, dict) and "jobs" in recipe:
        recipe = next(iter(recipe["jobs"].values()))["steps"]
    if isinstance(recipe, list):
        return [step["run"] for step in recipe if "run" in step]
    lines: list[str] = next(iter(recipe.values()))["script"]
    return lines


def check_window(user: Environment, work: Path) -> None:
    """The window opens on the offscreen platform and runs a preset."""
    arguments = ["short.json", "--start", "--screenshot", "window.png", "--after", "4"]
    user.run(["zmq-bench", *arguments], work, QT_QPA_PLATFORM="offscreen", HOME=str(work / "home"))
    if not (work / "window.png").read_bytes().startswith(b"\x89PNG"):
        raise CheckError("the window made no picture")


def check_docs(user: Environment, folder: Path) -> None:
    """The documentation of the installed modules can be built."""
    locked = locked_versions((ROOT / "requirements.lock").read_text())
    (folder / "constraints.txt").write_text("\n".join(line for lines in locked.values() for line in lines))
    user.run(["pip", "install", "--quiet", "-c", "constraints.txt", *DOCS], folder)
    user.run(["sphinx-build", "-W", "-n", "-E", "-q", str(ROOT / "docs"), str(folder / "site")], folder)


def expect(found: str, expected: str) -> None:
    """Raise CheckError if they differ."""
    if found != expected:
        raise CheckError(f"found {found!r}, expected {expected!r}")


def done(python: Python, what: str) -> None:
    """Report progress with the time since the start of the program."""
    print(f"Python {python}, {time.monotonic() - _STARTED:.0f} s: {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
