"""A folder of presets that ship, empty at first, in place of the real one."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench_app.preset.documents import shipped_presets


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shipped"
    folder.mkdir()
    monkeypatch.setattr(shipped_presets, "PACKAGE", tmp_path)
    return folder
