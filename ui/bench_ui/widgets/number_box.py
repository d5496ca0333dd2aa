"""Boxes for numbers outside of forms: a number -> **box** -> its text, as far from the border as in a field."""

from __future__ import annotations

from PySide6.QtWidgets import QDoubleSpinBox, QSpinBox

TEXT_MARGIN = 6
"""Pixels left and right of the text. Qt pays no attention to the padding of the style sheet in a box without arrows."""


def whole_box() -> QSpinBox:
    """A box for whole numbers."""
    box = QSpinBox()
    box.lineEdit().setTextMargins(TEXT_MARGIN, 0, TEXT_MARGIN, 0)
    return box


def decimal_box() -> QDoubleSpinBox:
    """A box for decimal numbers."""
    box = QDoubleSpinBox()
    box.lineEdit().setTextMargins(TEXT_MARGIN, 0, TEXT_MARGIN, 0)
    return box
