"""What a user asks for reaches a new process by its environment, and what the process uses is compared with it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench_app.data_plane.choice import AS_INSTALLED, PLANE_VARIABLE, PlaneChoice, PlaneReport, usable_libzmq
from bench_app.errors import InputError

COMPILED = PlaneReport(name="compiled", libzmq="4.3.5", libzmq_path="/a/libzmq.so")
PYTHON = PlaneReport(name="python", reason="it is not compiled", libzmq="4.3.5", libzmq_path="/a/libzmq.so")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="LD_PRELOAD")


def test_without_a_choice_nothing_is_changed_and_nothing_refused() -> None:
    assert AS_INSTALLED.environment == {}
    assert AS_INSTALLED.refusal(COMPILED) == AS_INSTALLED.refusal(PYTHON) == AS_INSTALLED.early_refusal("ended") == ""


def test_the_plane_in_python_is_chosen_by_an_environment_variable() -> None:
    assert PlaneChoice(plane="python").environment == {PLANE_VARIABLE: "python"}
    assert PlaneChoice(plane="python").refusal(PYTHON) == ""


def test_the_compiled_plane_is_refused_with_the_reason_why_it_cannot_be_used() -> None:
    choice = PlaneChoice(plane="compiled")
    assert choice.environment == {PLANE_VARIABLE: "compiled"}, "a variable that asks for Python must not win"
    assert choice.refusal(COMPILED) == ""
    assert choice.refusal(PYTHON) == "the compiled data plane cannot be used: it is not compiled"


@linux_only
def test_a_libzmq_is_preloaded_before_other_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    choice = PlaneChoice(libzmq=Path("/b/libzmq.so"))
    monkeypatch.delenv("LD_PRELOAD", raising=False)
    assert choice.environment == {"LD_PRELOAD": "/b/libzmq.so"}
    monkeypatch.setenv("LD_PRELOAD", "/c/other.so")
    assert choice.environment == {"LD_PRELOAD": "/b/libzmq.so:/c/other.so"}


def test_a_libzmq_that_is_not_in_use_is_refused() -> None:
    choice = PlaneChoice(libzmq=Path("/b/libzmq.so"))
    start = "/b/libzmq.so is no libzmq that the workers can use: "
    assert choice.refusal(PYTHON) == f"{start}they use /a/libzmq.so"
    unknown = PlaneReport(name="python", reason="two libraries are mixed", libzmq="4.3.5", libzmq_path=None)
    assert choice.refusal(unknown) == f"{start}two libraries are mixed"
    assert choice.early_refusal("was killed") == "no worker can start with /b/libzmq.so: it was killed"


def test_a_libzmq_is_compared_by_its_real_path(tmp_path: Path) -> None:
    (tmp_path / "libzmq.so.5.2").touch()
    link = tmp_path / "libzmq.so"
    link.symlink_to("libzmq.so.5.2")
    used = PlaneReport(name="compiled", libzmq="4.3.5", libzmq_path=str(link.resolve()))
    assert PlaneChoice(libzmq=link).refusal(used) == ""


@linux_only
def test_a_path_that_cannot_be_preloaded_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="is not a file"):
        usable_libzmq(tmp_path)
    blank = tmp_path / "my libzmq.so"
    blank.touch()
    with pytest.raises(InputError, match="a path has no blanks and colons"):
        usable_libzmq(blank)
    blank.rename(tmp_path / "libzmq.so")
    monkeypatch.chdir(tmp_path)
    assert usable_libzmq(Path("libzmq.so")) == tmp_path / "libzmq.so"
