"""A private folder is private and has a short path, in the first place that allows it."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import pytest
import zmq

from bench_app.errors import EngineError
from bench_app.system.private_folder import LONGEST_NAME, private_folder


def test_only_its_user_may_enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    folder = private_folder()
    assert folder.parent == tmp_path
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.rmdir()


def test_a_socket_can_be_bound_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    folder = private_folder()
    with zmq.Context() as context, context.socket(zmq.PULL) as socket:
        socket.bind(f"ipc://{folder}{LONGEST_NAME}")
    Path(f"{folder}{LONGEST_NAME}").unlink(missing_ok=True)
    folder.rmdir()


def test_a_place_that_is_too_deep_or_missing_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("x" * zmq.IPC_PATH_MAX_LEN)
    deep.mkdir()
    for place in (deep, tmp_path / "missing"):
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(place))
        folder = private_folder()
        assert place not in folder.parents
        assert len(os.fsencode(folder)) + len(LONGEST_NAME) <= zmq.IPC_PATH_MAX_LEN
        folder.rmdir()
    assert list(deep.iterdir()) == [], "nothing is left behind where it was too deep"


def test_without_any_place_an_error_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    with pytest.raises(EngineError, match="can be written"):
        private_folder()
