"""The user's own consumer in the inspector: address, connection, what it received, and the lines to paste."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from bench_ui.panels.own_consumer import Language, OwnConsumer, snippet
from bench_ui.widgets.plain_text import PlainLabel
from bench_ui.widgets.theme import fixed_font

_LEAST_SNIPPET = 190


class ConsumerBox(QWidget):
    """Shows one consumer of the user.

    Attributes:
        copy_address, copy_snippet: the buttons that copy.
        count: the button that asks for receipts; hidden where they are counted.
        text: the lines to paste.
        language: the language of these lines.
    """

    count_wanted = Signal(str)
    """With the handler whose consumer is to be counted by receipts."""

    def __init__(self) -> None:
        super().__init__()
        self._consumer: OwnConsumer | None = None
        self._values = [PlainLabel() for _ in range(4)]
        self._names = [PlainLabel() for _ in range(4)]
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, (name, value) in enumerate(zip(self._names, self._values, strict=True)):
            name.setObjectName("muted")
            # An address that is broken at its slashes cannot be read.
            value.setWordWrap(row in (1, 2))
            grid.addWidget(name, row, 0)
            grid.addWidget(value, row, 1)
        self.copy_address = _button("Copy", "Copy the address", self._copy_address)
        grid.addWidget(self.copy_address, 0, 2)
        self.count = _button(
            "Count it by receipts", "Add a listener that counts what your consumer reports", self._count
        )
        self.language = QComboBox()
        self.language.setAccessibleName("Language of the lines to paste")
        self.language.addItems([language.value for language in Language])
        self.language.currentIndexChanged.connect(lambda _: self._show_snippet())
        self.copy_snippet = _button("Copy", "Copy these lines", self._copy_snippet)
        row_of_snippet = QHBoxLayout()
        row_of_snippet.addWidget(PlainLabel("Lines to paste"), 1)
        row_of_snippet.addWidget(self.language)
        row_of_snippet.addWidget(self.copy_snippet)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFont(fixed_font())
        self.text.setTabChangesFocus(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName("Lines to paste into your consumer")
        self.text.setMinimumHeight(_LEAST_SNIPPET)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(grid)
        column.addWidget(self.count)
        column.addLayout(row_of_snippet)
        column.addWidget(self.text, 1)

    def show_consumer(self, consumer: OwnConsumer) -> None:
        """Show this consumer. Text that is the same stays as it is, so that a selection in it stays, too."""
        if consumer == self._consumer:
            return
        self._consumer = consumer
        texts = {
            f"{'Bind' if consumer.binds else 'Connect'} {consumer.socket_type} to": consumer.address,
            "Connected": consumer.connection,
            "Received": consumer.received_text,
            "Receipts to": consumer.receipts,
        }
        for (name, value), label, field in zip(texts.items(), self._names, self._values, strict=True):
            label.setText(name)
            field.setText(value)
            field.setAccessibleName(name)
            label.setVisible(bool(value))
            field.setVisible(bool(value))
        self.count.setVisible(not consumer.receipts)
        self._show_snippet()

    def _show_snippet(self) -> None:
        if self._consumer is None:
            return
        text = snippet(self._consumer, Language(self.language.currentText()))
        if text != self.text.toPlainText():
            self.text.setPlainText(text)

    def _copy_address(self) -> None:
        if self._consumer is not None:
            QGuiApplication.clipboard().setText(self._consumer.address)

    def _copy_snippet(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())

    def _count(self) -> None:
        if self._consumer is not None:
            self.count_wanted.emit(self._consumer.handler)


def _button(text: str, tip: str, act: Callable[[], None]) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.clicked.connect(lambda _=False: act())
    return button
