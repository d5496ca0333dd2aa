"""The plane of a process: compiled where the modules are there and libzmq is proven, else in Python with the reason."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import zmq

from bench_app.data_plane import plane
from bench_app.data_plane.libzmq import UnprovenError, find_libzmq
from bench_app.data_plane.plane import active, find_plane
from tests.compiled import compiled


@pytest.fixture
def basis(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the loops of this version were the modules that are always there."""
    compiled("zmq_functions")
    monkeypatch.setattr(plane, "LOOPS", ("zmq_functions",))


@pytest.mark.usefixtures("basis")
def test_the_compiled_plane_has_the_functions_of_pyzmqs_libzmq() -> None:
    found = find_plane("")
    assert (found.report.name, found.report.reason) == ("compiled", "")
    assert (found.report.libzmq, found.report.libzmq_path) == (zmq.zmq_version(), find_libzmq().path)
    assert found.functions is not None
    assert find_plane("compiled").report == found.report


@pytest.mark.usefixtures("basis")
def test_the_plane_in_python_can_be_asked_for() -> None:
    found = find_plane("python")
    assert (found.report.name, found.report.reason) == ("python", "the one in Python was asked for")
    assert (found.report.libzmq_path, found.functions) == (find_libzmq().path, None)


@pytest.mark.usefixtures("basis")
def test_without_the_proof_of_libzmq_the_loops_run_in_python(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(names: tuple[str, ...]) -> None:
        raise UnprovenError("two libraries are mixed")

    monkeypatch.setattr(plane, "find_libzmq", refuse)
    report = find_plane("").report
    assert (report.name, report.reason, report.libzmq_path) == ("python", "two libraries are mixed", None)
    assert report.libzmq == zmq.zmq_version()


def test_a_missing_module_is_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plane, "are_modules_current", lambda folder: True)
    monkeypatch.setattr(plane, "LOOPS", ("no_such_loop",))
    report = find_plane("").report
    assert report.name == "python" and "`make compile` compiles it" in report.reason
    assert report.libzmq_path is not None


def test_outdated_modules_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plane, "are_modules_current", lambda folder: False)
    report = find_plane("").report
    assert (report.name, report.reason) == (
        "python",
        "its sources have changed since it was compiled; `make compile` compiles it",
    )


def test_a_module_that_refuses_to_be_loaded_is_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise ImportError("the compiled stamp differs")

    monkeypatch.setattr(plane, "are_modules_current", lambda folder: True)
    monkeypatch.setattr("importlib.import_module", refuse)
    assert find_plane("").report.reason == "the compiled stamp differs"


def test_the_plane_is_found_once() -> None:
    assert active() is active()


def test_the_environment_chooses_the_plane() -> None:
    program = "from bench_app.data_plane.plane import active; print(active().report.reason)"
    environment = os.environ | {"ZMQ_BENCH_PLANE": "python"}
    output = subprocess.check_output([sys.executable, "-c", program], text=True, env=environment)
    assert output == "the one in Python was asked for\n"
