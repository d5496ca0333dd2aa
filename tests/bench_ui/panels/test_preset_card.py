"""A preset as a card."""

from __future__ import annotations

import pytest
from bench_ui.panels.preset_card import CARD_HEIGHT, CARD_WIDTH, PresetCard
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from bench_app.preset.documents import parse
from tests.runs import preset


@pytest.fixture
def card(qtbot: QtBot) -> PresetCard:
    raw = preset({"socket_type": "PUSH"}, title="Slow <listener>", description="What a slow listener does.")
    found = PresetCard(parse(raw, "slow"))
    qtbot.addWidget(found)
    found.resize(CARD_WIDTH, CARD_HEIGHT)
    found.show()
    return found


def test_a_card_has_name_title_and_description(card: PresetCard) -> None:
    texts = [label.text() for label in card.findChildren(QLabel)]
    assert texts == ["slow", "Slow <listener>", "What a slow listener does."]
    assert card.accessibleName() == "Slow <listener>: What a slow listener does."


def test_the_tooltip_says_how_to_run_it(card: PresetCard) -> None:
    assert "Shift+click only opens" in card.toolTip() and "zmq-bench run slow" in card.toolTip()


def test_a_preset_without_a_title_has_its_name(qtbot: QtBot) -> None:
    card = PresetCard(parse(preset({"socket_type": "PUSH"}), "plain"))
    qtbot.addWidget(card)
    assert card.accessibleName().startswith("plain:")
