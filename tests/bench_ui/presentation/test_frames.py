"""A picture for each caption, and a file with the captions."""

from __future__ import annotations

from pathlib import Path

from bench_ui.loop import run
from bench_ui.presentation.frames import CAPTIONS_FILE, FrameRecorder
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel


def test_each_step_gives_a_picture(qapp: QApplication, tmp_path: Path) -> None:
    async def record() -> int:
        label = QLabel("scene")
        frames = FrameRecorder(label, tmp_path, "demo")
        for number in (1, 2):
            frames.note(f"caption {number}")
        await frames.finish()
        assert frames.failures == []
        label.deleteLater()
        return 0

    assert run(qapp, record()) == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == [CAPTIONS_FILE, "demo-01.png", "demo-02.png"]
    assert (tmp_path / CAPTIONS_FILE).read_text().startswith("1. ![caption 1](demo-01.png)\n   caption 1\n")


def test_a_step_that_comes_soon_after_another_does_not_take_its_picture(qapp: QApplication, tmp_path: Path) -> None:
    async def record() -> int:
        label = QLabel("first")
        label.resize(200, 40)
        frames = FrameRecorder(label, tmp_path, "demo")
        frames.note("first")
        first = label.grab().toImage()
        frames.note("second")
        label.setText("second")
        await frames.finish()
        assert QImage(str(tmp_path / "demo-01.png")) == first.convertToFormat(QImage.Format.Format_RGB32)
        label.deleteLater()
        return 0

    assert run(qapp, record()) == 0


def test_a_step_without_a_caption_gives_no_picture(qapp: QApplication, tmp_path: Path) -> None:
    async def record() -> int:
        label = QLabel("scene")
        frames = FrameRecorder(label, tmp_path, "demo")
        frames.note("caption")
        frames.note("")
        await frames.finish()
        label.deleteLater()
        return 0

    assert run(qapp, record()) == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == [CAPTIONS_FILE, "demo-01.png"]


def test_the_last_picture_shows_how_the_run_ended(qapp: QApplication, tmp_path: Path) -> None:
    async def record() -> int:
        label = QLabel("at the step")
        label.resize(200, 40)
        frames = FrameRecorder(label, tmp_path, "demo")
        frames.note("caption")
        frames.note("")
        label.setText("the verdict")
        await frames.finish()
        last = label.grab().toImage()
        assert QImage(str(tmp_path / "demo-01.png")) == last.convertToFormat(QImage.Format.Format_RGB32)
        label.deleteLater()
        return 0

    assert run(qapp, record()) == 0


def test_a_picture_that_cannot_be_written_is_a_failure(qapp: QApplication, tmp_path: Path) -> None:
    async def record() -> int:
        label = QLabel("scene")
        (tmp_path / "demo-01.png").mkdir()
        frames = FrameRecorder(label, tmp_path, "demo")
        frames.note("caption")
        await frames.finish()
        assert frames.failures == [f"the picture could not be written to {tmp_path / 'demo-01.png'}"]
        label.deleteLater()
        return 0

    assert run(qapp, record()) == 0
