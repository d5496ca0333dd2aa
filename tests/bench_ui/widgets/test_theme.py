"""The two palettes: every colour is valid, colours can be distinguished, baselines are fainter."""

from __future__ import annotations

from dataclasses import fields
from itertools import combinations

import pytest
from bench_ui.widgets.theme import (
    DARK,
    LIGHT,
    Theme,
    contrast,
    figure_font,
    fixed_font,
    system_is_dark,
    text_scale,
)
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QApplication, QWidget

from bench_app.measure.loss_causes import LOSS_CAUSES

THEMES = [LIGHT, DARK]
COLORS = [field.name for field in fields(Theme) if field.name != "dark"]


def distance(one: QColor, other: QColor) -> int:
    return abs(one.red() - other.red()) + abs(one.green() - other.green()) + abs(one.blue() - other.blue())


@pytest.mark.parametrize("theme", THEMES)
def test_every_colour_is_valid(theme: Theme) -> None:
    assert all(theme.color(name).isValid() for name in COLORS)


@pytest.mark.parametrize("theme", THEMES)
def test_colours_of_the_stages_of_an_event_can_be_distinguished_and_read(theme: Theme) -> None:
    stages = [theme.color(name) for name in ("offered", "accepted", "received", "lost")]
    assert all(distance(one, other) > 60 for one, other in combinations(stages, 2))
    panel = theme.color("panel")
    assert all(abs(color.lightness() - panel.lightness()) > 60 for color in stages)


@pytest.mark.parametrize("theme", THEMES)
def test_colours_of_the_machine_lane_can_be_distinguished_and_read(theme: Theme) -> None:
    names = ("stall", "steal", "throttled", "pressure")
    assert all(distance(theme.color(one), theme.color(other)) > 60 for one, other in combinations(names, 2))
    assert all(abs(theme.color(name).lightness() - theme.color("panel").lightness()) > 60 for name in names)


@pytest.mark.parametrize("theme", THEMES)
def test_a_faded_colour_is_between_the_colour_and_the_panel(theme: Theme) -> None:
    for name in ("offered", "lost"):
        faded = theme.faded(name)
        assert faded.alpha() == 255
        assert distance(faded, theme.color("panel")) < distance(theme.color(name), theme.color("panel"))
        assert distance(theme.faded(name, 0.2), theme.color("panel")) < distance(faded, theme.color("panel"))
        assert theme.faded(name, 1.0) == theme.color(name)


def test_every_cause_of_loss_has_a_colour() -> None:
    assert {cause.color for cause in LOSS_CAUSES} <= set(COLORS)


def test_figures_have_one_width_and_a_least_size() -> None:
    base = QFont()
    base.setPointSizeF(10)
    font = figure_font(base, 1.5, bold=True)
    assert font.pointSizeF() == 15 and font.bold() and not base.bold()
    assert figure_font(base, 0.1).pointSizeF() == 6


def test_the_fonts_and_the_scheme_of_the_desktop(qapp: QApplication) -> None:
    assert fixed_font().pointSizeF() > 0
    assert system_is_dark() == (qapp.styleHints().colorScheme() == Qt.ColorScheme.Dark)


def test_the_contrast_of_two_colours() -> None:
    black, white = QColor("#000000"), QColor("#ffffff")
    assert contrast(black, white) == contrast(white, black) == pytest.approx(21)
    assert contrast(white, white) == 1
    assert contrast(QColor("#777777"), white) == pytest.approx(4.48, abs=0.01)


TEXT = [name for name in COLORS if name not in ("window", "panel", "field", "line", "edge")]
LEAST_OF_TEXT, LEAST_OF_PARTS = 4.5, 3.0
"""The least contrasts of WCAG 2.1, level AA: of text, and of what shows where a control is."""


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", ["window", "panel", "field"])
def test_text_of_every_colour_can_be_read_on_every_ground(theme: Theme, ground: str) -> None:
    on = theme.color(ground)
    assert [name for name in TEXT if contrast(theme.color(name), on) < LEAST_OF_TEXT] == []
    assert contrast(theme.color("edge"), theme.color("field")) >= LEAST_OF_PARTS


@pytest.mark.parametrize("theme", THEMES)
def test_text_on_a_coloured_ground_can_be_read(theme: Theme) -> None:
    grounds = ("received", "lost", "overflow", "focus", "muted")
    on_them = [contrast(theme.color("on_color"), theme.color(name)) for name in grounds]
    assert min(on_them) >= LEAST_OF_TEXT


def test_sizes_in_pixels_grow_with_large_text_and_never_shrink(qapp: QApplication) -> None:
    widget = QWidget()
    usual = text_scale(widget)
    font = widget.font()
    font.setPointSizeF(font.pointSizeF() * 2)
    widget.setFont(font)
    assert 1.5 * usual < text_scale(widget) <= 2.5 * usual
    font.setPointSizeF(4)
    widget.setFont(font)
    assert text_scale(widget) == 1.0
