"""The endings of pictures that the command line offers are formats that Qt writes."""

from __future__ import annotations

from PySide6.QtGui import QImageWriter

from bench_app.cli.open_command import PICTURE_ENDINGS


def test_the_endings_that_are_offered_are_written() -> None:
    written = {bytes(ending.data()).decode() for ending in QImageWriter.supportedImageFormats()}
    assert {ending.removeprefix(".") for ending in PICTURE_ENDINGS} <= written
