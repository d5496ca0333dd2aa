"""The capacity picture: what is painted, and in which colours."""

from __future__ import annotations

from typing import Any

import pytest
from bench_ui.panels.capacity_picture import PICTURE, CapacityPicture
from bench_ui.widgets.theme import DARK, LIGHT

from bench_app.capacity.places import Place
from tests.bench_ui.panels.capacities import connection

pytestmark = pytest.mark.usefixtures("qapp")
NAMES: list[Any] = ["send_pipe", "send_buffer", "receive_buffer", "decoder", "receive_pipe"]
FIVE = [Place(place=name, holds=name, messages=1000, basis="measured", bytes=512_000) for name in NAMES]
ONE_REQUEST = [Place(place="between", holds="the request", messages=1, basis="inferred")]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_place_is_painted_in_its_share(theme: Any) -> None:
    picture = CapacityPicture(connection(FIVE), theme)
    picture.resize(picture.sizeHint())
    image = picture.grab().toImage()
    painted = {image.pixelColor(x, 142).name() for x in range(0, picture.width(), 2)}
    assert {theme.color(name).name() for name in ("accepted", "offered", "received")} <= painted


def test_one_request_and_nothing_measured_can_be_painted() -> None:
    request = connection(ONE_REQUEST, verdict="by_design", socket_type="REQ")
    assert not CapacityPicture(request, LIGHT).grab().isNull()
    assert not CapacityPicture(connection([]), LIGHT).grab().isNull()


def test_a_screen_reader_gets_every_box() -> None:
    picture = CapacityPicture(connection(FIVE), LIGHT)
    assert picture.sizeHint() == PICTURE
    assert "libzmq, sender, pipe + encoder: 1,000" in picture.accessibleDescription()
    assert picture.accessibleDescription().count("; ") == 6
