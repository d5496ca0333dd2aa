"""Shows forms in a window of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.bench_ui.forms.driving import Emitted


@pytest.fixture
def show(qtbot: QtBot) -> Callable[..., Any]:
    def _show(widget: Any, width: int = 280) -> tuple[Any, Emitted]:
        qtbot.addWidget(widget)
        emitted = Emitted()
        widget.edited.connect(emitted)
        widget.resize(width, 600)
        widget.show()
        widget.activateWindow()
        with qtbot.waitActive(widget):
            pass
        return widget, emitted

    return _show
