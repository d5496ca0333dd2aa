"""Modules that were compiled in place are used only with the sources from which they were compiled."""

from __future__ import annotations

from pathlib import Path

from bench_app.data_plane.sources import DIGEST_FILE, are_modules_current, digest


def test_modules_are_outdated_when_a_source_changes_appears_or_goes(tmp_path: Path) -> None:
    loop, header = tmp_path / "loop.pyx", tmp_path / "loop.pxd"
    loop.write_text("a loop")
    header.write_text("its header")
    (tmp_path / DIGEST_FILE).write_text(digest(tmp_path))
    (tmp_path / "loop.pyi").write_text("is not compiled")
    assert are_modules_current(tmp_path)
    header.write_text("another header")
    assert not are_modules_current(tmp_path)
    header.write_text("its header")
    assert are_modules_current(tmp_path)
    (tmp_path / "new.pyx").touch()
    assert not are_modules_current(tmp_path)
    (tmp_path / "new.pyx").unlink()
    header.unlink()
    assert not are_modules_current(tmp_path)


def test_without_a_digest_the_modules_are_those_of_a_wheel(tmp_path: Path) -> None:
    assert are_modules_current(tmp_path)
