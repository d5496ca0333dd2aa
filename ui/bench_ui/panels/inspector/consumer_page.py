"""The inspector's page of a consumer of the user that no listener counts."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bench_ui.panels.inspector.consumer_box import ConsumerBox
from bench_ui.panels.inspector.field_group import FieldGroup
from bench_ui.panels.inspector.page import heading, page_column
from bench_ui.panels.own_consumer import OwnConsumer


class ConsumerPage(QWidget):
    """Shows the consumer of one handler.

    Attributes:
        box: its address, its connection, and the lines to paste.
        groups: the forms of the page; it has none.
    """

    def __init__(self) -> None:
        super().__init__()
        self.groups: list[FieldGroup] = []
        self.box = ConsumerBox()
        self._title = heading("")
        column = page_column(self)
        column.addWidget(self._title)
        column.addWidget(self.box, 1)

    def show_consumer(self, consumer: OwnConsumer) -> None:
        """Show this consumer."""
        self._title.setText(f"{consumer.handler} / your consumer")
        self.box.show_consumer(consumer)
