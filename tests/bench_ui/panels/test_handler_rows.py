"""The rows of the handlers panel, without a run and in one."""

from __future__ import annotations

from dataclasses import replace

from bench_ui.panels.handler_rows import Row, consumer_in_run, handler_in_run, listener_in_run, rows_of
from bench_ui.panels.own_consumer import OWN_CONSUMER

from bench_app.preset.documents import parse
from bench_app.transport.connection import ConnectionState, ConnectionStatus
from tests.bench_ui.panels.documents import document_of
from tests.bench_ui.panels.views import live_handler
from tests.runs import preset


def test_a_handler_is_followed_by_its_listeners() -> None:
    document = document_of(pub={"config": {"socket_type": "PUB", "topic": "t"}}, req={"config": {"socket_type": "REQ"}})
    rows = rows_of(document)
    assert [(row.handler, bool(row.listener), row.badge) for row in rows] == [
        ("pub", False, "PUB"),
        ("pub", True, "SUB"),
        ("req", False, "REQ"),
        ("req", True, "REP"),
    ]
    assert {(row.status, row.state, row.enabled, row.rate) for row in rows} == {
        ("not running", ConnectionState.IDLE, True, "")
    }


def test_no_document_has_no_rows() -> None:
    assert rows_of(None) == []


def test_a_disabled_handler_says_so() -> None:
    handler, listener = rows_of(document_of(h={"enabled": False}))
    assert not handler.enabled and handler.status == "disabled"
    assert not listener.enabled


def test_an_address_elsewhere_is_replaced_by_one_on_this_machine() -> None:
    (handler, _) = rows_of(document_of(h={"uri": "zmq://tcp://analytics.example:5555"}))
    assert handler.endpoint == "analytics.example:5555"
    (real,) = handler.real_endpoints
    assert real.startswith("127.0.0.1:")
    assert handler.endpoint_text == f"analytics.example:5555 → {real}"


def test_a_handler_that_is_not_paired_has_its_own_consumer() -> None:
    rows = rows_of(
        parse(preset({"socket_type": "PUSH"}, uri="zmq://tcp://127.0.0.1:5555", handler={"paired": False}), "test")
    )
    assert rows[0].status == "not running; its consumer is your own (paired: false)"


def test_a_consumer_that_nothing_counts_has_a_row_with_the_address_of_its_handler() -> None:
    raw = preset({"socket_type": "PUB", "topic": "t"}, uri="zmq://tcp://*:5555", handler={"paired": False})
    _, row = rows_of(parse(raw, "test"))
    assert (row.listener, row.badge, row.endpoint) == (OWN_CONSUMER, "SUB", "127.0.0.1:5555")
    shown = consumer_in_run(row, live_handler("PUB"))
    assert (shown.state, shown.status, shown.rate) == (ConnectionState.BOUND, "1 peer", "")


def test_a_consumer_that_sends_receipts_has_the_address_of_its_handler() -> None:
    raw = preset(
        {"socket_type": "PUSH"},
        uri="zmq://tcp://127.0.0.1:5555",
        handler={"paired": False},
        listeners=[{"name": "mine", "receipts": "tcp://127.0.0.1:5599"}],
    )
    assert [(row.listener, row.endpoint) for row in rows_of(parse(raw, "test"))[1:]] == [("mine", "127.0.0.1:5555")]


ROW = Row("h", "", "PUSH", "h", "127.0.0.1:*", "not running")


def test_in_a_run_a_row_has_state_rate_and_address() -> None:
    row = handler_in_run(ROW, live_handler("PUSH"), paused=False)
    assert (row.state, row.status, row.rate) == (ConnectionState.BOUND, "bound: 1 peer", "100/s")
    assert (row.endpoint, row.real_endpoints) == ("127.0.0.1:5555", ())


def test_a_replaced_address_stays_in_front_of_the_real_one() -> None:
    before = replace(ROW, endpoint="elsewhere:1", real_endpoints=("127.0.0.1:*",))
    row = handler_in_run(before, live_handler("PUSH"), False)
    assert row.endpoint_text == "elsewhere:1 → 127.0.0.1:5555"


def test_a_listener_keeps_its_address() -> None:
    (listener,) = live_handler("PUSH", l=30).listeners
    row = listener_in_run(replace(ROW, listener="l", badge="PULL", name="l", endpoint="bind:1"), listener, paused=True)
    assert (row.endpoint, row.status, row.rate, row.paused) == ("bind:1", "connected", "30/s", True)


def test_a_message_that_repeats_the_label_is_left_out() -> None:
    view = replace(live_handler("PUSH"), status=ConnectionStatus(ConnectionState.FAILED, "failed", "failed"))
    assert handler_in_run(ROW, view, False).status == "failed"


def test_tooltip_and_screen_reader_have_all_of_it() -> None:
    row = handler_in_run(ROW, live_handler("PUSH"), False)
    expected = "PUSH h\n127.0.0.1:5555\nbound: 1 peer\nEvents offered a second, over the last second."
    assert row.tooltip == expected
    assert row.accessible_text == "PUSH h, bound: 1 peer, 100/s"
    listener = Row("h", "l", "PULL", "l", "", "not running")
    assert listener.tooltip == "PULL l\nnot running\nMessages received a second, over the last second."


def test_a_unit_that_other_machines_can_reach_has_a_badge() -> None:
    own = preset({"socket_type": "PUB"}, uri="zmq://tcp://*:5599", handler={"paired": False})
    paired = preset({"socket_type": "PUB"}, uri="zmq://tcp://*:5599")
    far = preset({"socket_type": "PUB"}, listeners=[{"endpoint": "bind:tcp://*:5598"}])
    open_ones = [[row.is_open_to_network for row in rows_of(parse(raw, "test"))] for raw in (own, paired, far)]
    assert open_ones == [[True, False], [False, False], [False, True]]
    row, _consumer = rows_of(parse(own, "test"))
    assert "other machines can connect" in row.tooltip and "other machines can connect" in row.accessible_text
