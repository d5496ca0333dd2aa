"""Files that cannot be a preset are refused with a reason, and reading never hangs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from bench_app.errors import InputError
from bench_app.preset.documents import load, reading
from tests.preset.presets import write


def test_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SIZE_MAX", 100)
    with pytest.raises(InputError, match="too large for a preset"):
        load(write(tmp_path, " " * 101))


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes in the file system")
def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="not a regular file"):
        load(tmp_path / "pipe")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root reads everything")
def test_not_readable(tmp_path: Path) -> None:
    path = write(tmp_path, "{}")
    path.chmod(0)
    with pytest.raises(InputError, match="cannot be read: Permission denied"):
        load(path)
