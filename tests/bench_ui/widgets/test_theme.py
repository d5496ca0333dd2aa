"""The themes have a colour for whatever is drawn."""

from __future__ import annotations

import pytest
from bench_ui.widgets.theme import DARK, LIGHT, Theme

from bench_app.measure.loss_causes import LOSS_CAUSES


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_cause_of_loss_has_its_colour(theme: Theme) -> None:
    assert all(theme.color(cause.color).isValid() for cause in LOSS_CAUSES)
