from __future__ import annotations

import msgspec

from bench_app.lab.card_text import card_lines
from tests.lab.made_results import CARD


def test_each_figure_has_a_name_and_a_missing_one_its_reason() -> None:
    lines = dict(card_lines(CARD))
    assert lines["rate without loss"] == "5,000/s, then lost"
    assert lines["latency at 90 %"] == "no valid run"
    assert lines["longest burst"] == "- (a high-water mark of 0 is no limit)"
    assert dict(card_lines(msgspec.structs.replace(CARD, burst=None))).keys() == lines.keys() - {"longest burst"}
