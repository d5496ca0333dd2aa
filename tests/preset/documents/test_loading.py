"""A path or a bare name loads a file or a shipped preset, or is refused with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench_app.errors import InputError
from bench_app.preset.documents import load
from tests.preset.presets import SPECIFICATION, write


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    assert load(write(tmp_path, b"\xef\xbb\xbf" + SPECIFICATION["basic"].encode())).notes == []


def test_a_path_that_leads_to_no_preset_is_refused(tmp_path: Path) -> None:
    for name, message in [
        (tmp_path, "is a folder"),
        (tmp_path / "none.json", "neither a file nor the name of a preset"),
        ("a" * 5000, "neither a file"),
        ("a\0b", "neither a file"),
        ("", "is a folder"),
    ]:
        with pytest.raises(InputError, match=message):
            load(name)


def test_a_file_is_preferred_to_a_shipped_preset_and_a_folder_is_not(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, SPECIFICATION["basic"], "basic.json")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "basic").mkdir()
    assert load("basic").path is None
    (tmp_path / "basic").rmdir()
    write(tmp_path, SPECIFICATION["basic"], "basic")
    assert load("basic").path == Path("basic")
