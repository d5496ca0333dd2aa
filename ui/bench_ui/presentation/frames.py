"""Pictures of a demo for slides: steps of the run -> **frames** -> a PNG file for each caption, and their texts."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from bench_app.system.files import write_atomically
from bench_app.system.tasks import spawn

SIZE = (1920, 1080)
"""The size of the pictures in pixels."""
SETTLED_MS = 900
"""How long after a caption its picture is taken: by then scene and plots show what it says."""
CAPTIONS_FILE = "captions.md"


class FrameRecorder(QObject):
    """Takes a picture of a window after each step that has a caption.

    Attributes:
        failures: messages about pictures that could not be written.
    """

    def __init__(self, window: QWidget, folder: Path, name: str) -> None:
        super().__init__(window)
        self.failures: list[str] = []
        self._window, self._folder, self._name = window, folder, name
        self._captions: list[str] = []
        self._writing: list[asyncio.Task[None]] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLED_MS)
        self._timer.timeout.connect(self._take)

    def note(self, caption: str) -> None:
        """A step is about to be shown. If there is no picture of the step before yet, that is taken now.

        A step without a caption gives no picture: it would be told by the caption before it.
        """
        if self._timer.isActive():
            self._timer.stop()
            self._take()
        if caption:
            self._captions.append(caption)
            self._timer.start()

    async def finish(self) -> None:
        """Take the last picture, or take it again: now it shows how the run ended. Then write the captions."""
        self._timer.stop()
        await asyncio.sleep(SETTLED_MS / 1000)
        await asyncio.gather(*self._writing)
        if self._captions:
            self._take()
        await asyncio.gather(*self._writing)
        lines = [
            f"{number}. ![{caption}]({self._file(number).name})\n   {caption}\n"
            for number, caption in enumerate(self._captions, 1)
        ]
        write_atomically(self._folder / CAPTIONS_FILE, "".join(lines).encode())

    def _file(self, number: int) -> Path:
        return self._folder / f"{self._name}-{number:02}.png"

    def _take(self) -> None:
        image, file = self._window.grab().toImage(), self._file(len(self._captions))
        # On another thread, because a picture takes a second to compress.
        self._writing.append(spawn(self._write(image, file), name="write-frame", on_error=self._note_failure))

    def _note_failure(self, error: BaseException) -> None:
        self.failures.append(str(error))

    async def _write(self, image: QImage, file: Path) -> None:
        if not await asyncio.to_thread(image.save, str(file)):
            self.failures.append(f"the picture could not be written to {file}")
