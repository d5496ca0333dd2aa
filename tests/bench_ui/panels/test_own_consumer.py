"""What a user needs to connect a consumer, and the lines to paste, which have the real addresses."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from bench_ui.panels import own_consumer
from bench_ui.panels.own_consumer import (
    PROPOSED_RECEIPTS,
    Language,
    OwnConsumer,
    free_receipts,
    in_run,
    own_consumer_of,
    reachable,
    snippet,
)

from bench_app.preset.documents import Document, parse
from tests.bench_ui.panels.views import live_handler
from tests.runs import preset

ROOT = Path(__file__).parents[3]
RECEIPTS = [{"name": "mine", "receipts": "tcp://127.0.0.1:5601"}]


def document(config: dict[str, Any], uri: str = "zmq://tcp://*:5572", **values: Any) -> Document:
    return parse(preset(config, uri=uri, handler={"paired": False}, **values), "test")


def consumer(config: dict[str, Any], **values: Any) -> OwnConsumer:
    found = own_consumer_of(document(config, **values), "h")
    assert found is not None
    return found


def test_a_listener_of_the_bench_is_no_consumer_of_the_user() -> None:
    assert own_consumer_of(parse(preset({"socket_type": "PUSH"}), "test"), "h") is None


def test_a_consumer_that_nothing_counts() -> None:
    found = consumer({"socket_type": "PUB", "topic": "cam"})
    assert (found.listener, found.socket_type, found.address) == ("", "SUB", "tcp://127.0.0.1:5572")
    assert (found.topics, found.binds, found.receipts) == (("cam",), False, "")
    assert found.received_text == "not known: it sends no receipts"


def test_a_consumer_binds_where_its_handler_connects() -> None:
    assert consumer({"socket_type": "PUSH"}, uri="zmq://tcp://127.0.0.1:5573").binds


def test_a_consumer_with_receipts_is_counted_in_a_run() -> None:
    found = consumer({"socket_type": "PUSH"}, listeners=RECEIPTS)
    assert (found.listener, found.receipts, found.received_text) == ("mine", "tcp://127.0.0.1:5601", "no run yet")
    running = in_run(found, live_handler("PUSH", mine=1200))
    assert running.address == "tcp://127.0.0.1:5555"
    assert (running.received, running.connection) == (1200, "1 peer")
    assert running.received_text == "1,200 by receipts, 4 missing"


@pytest.mark.parametrize("socket_type", ["PUB", "PUSH", "REQ"])
def test_the_lines_in_python_are_python_and_have_the_addresses(socket_type: str) -> None:
    text = snippet(consumer({"socket_type": socket_type}, listeners=RECEIPTS), Language.PYTHON)
    ast.parse(text)
    assert "'tcp://127.0.0.1:5572'" in text and "'tcp://127.0.0.1:5601'" in text
    assert ("subscribe" in text) == (socket_type == "PUB")
    assert ("socket.send(" in text) == (socket_type == "REQ")


@pytest.mark.parametrize("language", [Language.C, Language.JAVASCRIPT])
def test_the_lines_in_other_languages_are_those_of_the_documentation(language: Language) -> None:
    found = consumer({"socket_type": "PUB", "topic": "cam"})
    text = snippet(found, language)
    name = "receipts.c" if language is Language.C else "receipts.mjs"
    documented = (ROOT / "docs" / "snippets" / name).read_text()
    assert f"tcp://127.0.0.1:5572 cam {PROPOSED_RECEIPTS}" in text
    assert text.replace(" cam ", " analytics ") == documented
    assert (Path(own_consumer.__file__).parent / "snippets" / name).read_text() == documented


@pytest.mark.parametrize("language", [Language.C, Language.JAVASCRIPT])
def test_the_lines_in_other_languages_name_the_socket_and_who_binds(language: Language) -> None:
    text = snippet(consumer({"socket_type": "REQ"}, listeners=RECEIPTS), language)
    assert 'tcp://127.0.0.1:5572 "" tcp://127.0.0.1:5601 REP\n' in text.replace(" */", "")
    text = snippet(consumer({"socket_type": "PUSH"}, uri="zmq://tcp://127.0.0.1:5573", listeners=RECEIPTS), language)
    assert 'tcp://127.0.0.1:5573 "" tcp://127.0.0.1:5601 PULL bind' in text


def test_a_program_on_this_machine_reaches_an_address_of_all_interfaces() -> None:
    assert reachable("tcp://*:5555") == reachable("tcp://0.0.0.0:5555") == "tcp://127.0.0.1:5555"
    assert reachable("ipc:///tmp/a") == "ipc:///tmp/a"


def test_each_consumer_has_its_own_address_for_receipts() -> None:
    assert free_receipts(set()) == PROPOSED_RECEIPTS
    assert free_receipts({PROPOSED_RECEIPTS, None}) == "tcp://127.0.0.1:5600"
