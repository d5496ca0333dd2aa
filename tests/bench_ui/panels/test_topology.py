"""The small picture of a preset."""

from __future__ import annotations

from typing import Any

import pytest
from bench_ui.panels.topology import LINES_DRAWN, LISTENERS_DRAWN, ROW_HEIGHT, Topology
from bench_ui.widgets.theme import DARK, LIGHT, Theme

from bench_app.preset.documents import parse
from tests.bench_ui.panels.documents import document_of
from tests.runs import preset

pytestmark = pytest.mark.usefixtures("qapp")


def single(listeners: int) -> Topology:
    names: list[dict[str, Any]] = [{"name": f"l{place}"} for place in range(listeners)]
    return Topology(parse(preset({"socket_type": "PUSH"}, listeners=names), "test"))


def several(count: int, **more: Any) -> Topology:
    return Topology(document_of(**{f"h{place}": dict(more) for place in range(count)}))


@pytest.mark.parametrize("listeners", [1, 2, 3, 7])
def test_the_listeners_of_a_single_handler_are_below_each_other(listeners: int) -> None:
    assert single(listeners).height() == min(listeners, LISTENERS_DRAWN) * ROW_HEIGHT


@pytest.mark.parametrize("handlers", [2, 4, 9])
def test_several_handlers_have_a_row_each(handlers: int) -> None:
    assert several(handlers).height() == min(handlers, LINES_DRAWN) * ROW_HEIGHT


def test_disabled_handlers_are_not_drawn() -> None:
    assert several(3, enabled=False).height() == ROW_HEIGHT


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_handlers_and_listeners_have_their_colours(theme: Theme) -> None:
    picture = single(2)
    picture.theme = theme
    image = picture.grab().toImage()
    colors = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    for name in ("accepted", "received"):
        wanted = theme.color(name)
        assert any(abs(int(color[1:3], 16) - wanted.red()) < 40 for color in colors)
    assert len(colors) > 3


def test_a_handler_without_a_listener_has_a_dotted_line() -> None:
    alone = preset({"socket_type": "PUSH"}, uri="zmq://tcp://127.0.0.1:5555", handler={"paired": False})
    assert Topology(parse(alone, "test")).grab().toImage() != single(1).grab().toImage()
