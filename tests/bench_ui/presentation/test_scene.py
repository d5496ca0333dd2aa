"""The scene draws every handler and listener, and puts the ledger of the one in focus in words."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from bench_ui.presentation.ending import Ending
from bench_ui.presentation.scene import Scene
from bench_ui.widgets.theme import DARK, LIGHT, Theme
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from bench_app.engine.unit_key import Departure, UnitKey
from bench_app.engine.view import HandlerView
from bench_app.transport.connection import ConnectionState, ConnectionStatus
from tests.bench_ui.panels.views import live_handler


@pytest.fixture
def scene(qtbot: QtBot) -> Scene:
    found = Scene()
    qtbot.addWidget(found)
    found.fit(720)
    found.resize(1280, found.height())
    return found


def has_color(scene: Scene, color: QColor) -> bool:
    image = scene.grab().toImage()
    return any(image.pixelColor(x, y) == color for x in range(0, image.width(), 2) for y in range(0, image.height(), 2))


def test_without_a_run_the_scene_says_how_to_start_one(scene: Scene) -> None:
    scene.show_views([], set())
    assert has_color(scene, scene.theme.color("muted"))


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_losses_are_drawn_in_their_colour(scene: Scene, theme: Theme) -> None:
    scene.theme = theme
    scene.show_views([], set())
    assert not has_color(scene, theme.color("lost")) and scene.balance == ""
    scene.show_views([live_handler("PUB", a=80, b=90)], {("h", "a")})
    assert has_color(scene, theme.color("lost")) and has_color(scene, theme.color("received"))
    assert scene.balance.endswith("not there yet")
    assert scene.accessibleDescription() == scene.balance


@pytest.mark.parametrize(
    "views",
    [
        [live_handler("PUSH", a=40, b=45, c=1, d=1, e=1)],
        [live_handler("PUB")],
        [live_handler("REQ", a=90), live_handler("PUB", a=1)],
    ],
)
def test_every_run_can_be_drawn(scene: Scene, views: list[HandlerView]) -> None:
    scene.show_views(views, set())
    scene.focus_on("h")
    scene.show_ending(Ending("PASS: the ledger balances", "received"))
    assert has_color(scene, scene.theme.color("received"))


@pytest.mark.parametrize(("state", "messages", "broken"), [("connecting", 0, False), ("connecting", 5, True)])
def test_a_way_is_broken_once_something_went_over_it(scene: Scene, state: str, messages: int, broken: bool) -> None:
    view = live_handler("PUSH", a=messages)
    (listener,) = view.listeners
    lost = replace(listener, status=ConnectionStatus(ConnectionState(state), state))
    view = replace(view, listeners=(lost,), ledger=msgspec.structs.replace(view.ledger, lost=0))
    scene.show_views([view], set())
    assert has_color(scene, scene.theme.color("lost")) == broken


def test_of_requests_the_attempts_and_failures_are_shown(scene: Scene) -> None:
    view = live_handler("REQ", a=90)
    scene.show_views([view], set())
    assert not has_color(scene, scene.theme.color("timeout"))
    for retries, given_up, color in ((3, 0, "timeout"), (3, 2, "lost")):
        counts = msgspec.structs.replace(view.ledger.counts, retries=retries, request_timeout=given_up)
        scene.show_views([replace(view, ledger=msgspec.structs.replace(view.ledger, counts=counts))], set())
        assert has_color(scene, scene.theme.color(color))


def test_a_calm_ending_is_a_note_and_no_badge(scene: Scene) -> None:
    color = scene.theme.color("overflow")
    scene.show_ending(Ending("INVALID: the ledger balances", "overflow"))
    assert has_color(scene, color) and scene.verdict == "INVALID: the ledger balances"
    scene.show_ending(Ending("the ledger balances", "muted", is_calm=True))
    assert not has_color(scene, color)
    scene.show_ending(None)
    assert scene.verdict == ""


@pytest.mark.parametrize("height", [720, 2160])
@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_sum_keeps_its_large_letters_when_the_run_has_ended(qtbot: QtBot, height: int, theme: Theme) -> None:
    scene = Scene()
    qtbot.addWidget(scene)
    scene.theme = theme
    scene.fit(height)
    scene.resize(height * 16 // 9, scene.height())
    scene.show_views([live_handler("PUB", subscriber=80_000)], set())
    width = sum_width(scene, lines=1)
    assert width > scene.width() / 3
    scene.show_ending(Ending("PASS: the ledger balances; nobody counted what arrived from pub", "received"))
    assert sum_width(scene, lines=2) > 0.9 * width


def sum_width(scene: Scene, lines: int) -> int:
    """How wide the sum is drawn, in the upper one of so many lines of the foot."""
    image, line = scene.grab().toImage(), scene.height() // 8
    end = image.height() - line * (lines - 1)
    rows, color = range(end - line, end - line // 4), scene.theme.color("text")
    found = [x for x in range(image.width()) if any(image.pixelColor(x, y) == color for y in rows)]
    return max(found) - min(found)


def test_a_handler_that_was_started_anew_still_has_its_drops_in_the_sum(scene: Scene) -> None:
    now = live_handler("PUSH", a=90)
    before = replace(now, key=UnitKey("h", departure=Departure(at_s=3.0)))
    scene.show_views([now, before], set())
    assert scene.balance.endswith(";  before its restart: 90 sent (5 of them lost) + 7 dropped")
