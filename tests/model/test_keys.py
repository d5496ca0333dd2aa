"""Every key declares all of its facts, and a new key reaches form, reference, schema, plan, checks and socket."""

from __future__ import annotations

from typing import Annotated

import msgspec
import pytest
import zmq
from bench_reference import changing, preset_keys
from bench_ui.forms.fields import read_fields
from bench_ui.panels.inspector.page import group_form
from pytestqt.qtbot import QtBot

from bench_app.engine.changes import changes_between
from bench_app.model import BenchSpec, HandlerBench, HandlerConfig, HandlerSpec, ListenerSpec, Preset, TimelineStep
from bench_app.model.key_info import ALL_PATTERNS, Change, Group, KeyInfo, ZmqOption, key
from bench_app.model.keys import Key, differing_keys, form_keys, key_of, keys_of, keys_that, slider_keys, walk_specs
from bench_app.model.spec import Count
from bench_app.preset.option_conflicts import handler_conflicts
from bench_app.preset.schema import schema, schema_of
from bench_app.transport.set_options import set_handler_options
from tests.engine.one_key_apart import presets_that_differ_in

SPECS = {struct.cls.__name__: struct.cls for _, struct in walk_specs(Preset)}
KEYS = {f"{name}.{one.name}": one for name, spec in SPECS.items() for one in keys_of(spec)}


@pytest.mark.parametrize("one", KEYS.values(), ids=KEYS)
def test_every_key_declares_its_facts(one: Key) -> None:
    assert one.is_declared, "a key of a preset is declared with key()"
    assert one.description
    assert one.info.patterns
    assert set(one.info.only_for) <= set(ALL_PATTERNS)
    assert set(one.info.refused_for) <= set(one.info.only_for)
    assert one.info.lines >= 1
    # A form needs a first value for every key of a load.
    assert not (one.required and one.info.group is Group.LOAD) or one.info.start is not None


@pytest.mark.parametrize("one", KEYS.values(), ids=KEYS)
def test_an_option_exists_in_pyzmq_and_its_texts_are_the_choices_of_the_key(one: Key) -> None:
    option = one.info.zmq
    if option is None:
        return
    assert isinstance(getattr(zmq, option.name), int)
    assert one.info.change in (Change.RECREATES_SOCKET, Change.LIVE)
    if option.value_by_text:
        assert isinstance(one.type, msgspec.inspect.LiteralType)
        assert set(option.value_by_text) == set(one.type.values)


def test_every_key_of_a_connection_is_an_option_that_needs_a_new_socket() -> None:
    for spec in (HandlerBench, ListenerSpec):
        names = form_keys(spec, Group.CONNECTION)
        assert all(key_of(spec, name).info.zmq for name in names)
        assert set(names) <= keys_that(Change.RECREATES_SOCKET, spec)


def test_keys_of_both_ends_have_the_same_facts() -> None:
    shared = {one.name for one in keys_of(HandlerBench)} & {one.name for one in keys_of(ListenerSpec)}
    assert len(shared) == 11
    for name in shared:
        ours, others = key_of(HandlerBench, name), key_of(ListenerSpec, name)
        assert (ours.description, ours.type) == (others.description, others.type)
        for fact in ("change", "group", "position", "zmq", "unit", "label"):
            assert getattr(ours.info, fact) == getattr(others.info, fact)


def test_only_keys_of_the_whole_run_wait_for_the_next_start() -> None:
    of_the_run = {"duration_s", "warmup_s", "io_threads", "cpu_affinity"}
    others = [spec for spec in SPECS.values() if spec is not TimelineStep]
    assert keys_that(Change.NEXT_START, *others) == {*of_the_run, "timeline"}
    assert keys_that(Change.NEXT_START, TimelineStep) == {key.name for key in keys_of(TimelineStep)}
    assert of_the_run <= set(form_keys(BenchSpec, Group.RUN))


def test_forms_show_the_keys_of_a_group_in_their_order() -> None:
    assert form_keys(HandlerSpec, Group.HANDLER) == ("uri", "sink", "enabled")
    queue = ("high_water_mark", "send_timeout", "queue_size", "linger")
    reconnects = ("reconnect_interval", "max_reconnect_attempts")
    assert form_keys(HandlerConfig, Group.SOCKET, "PUB") == ("socket_type", *queue, "topic", *reconnects)
    assert form_keys(HandlerConfig, Group.SOCKET, "PUSH") == ("socket_type", *queue, *reconnects)
    requests = ("request_timeout", "retries")
    assert form_keys(HandlerConfig, Group.SOCKET, "REQ") == ("socket_type", *requests, *queue, *reconnects)
    assert slider_keys(HandlerConfig) == {*queue, *requests}
    delays, intake = ("delay_ms", "delay_jitter_ms"), ("high_water_mark", "stall")
    last = ("endpoint", "wait", "receipts")
    assert form_keys(ListenerSpec, Group.LISTENER, "PUB") == (
        *delays,
        *intake,
        "topics",
        "endpoint",
        "wait",
        "receipts",
    )
    assert form_keys(ListenerSpec, Group.LISTENER, "PUSH") == (*delays, *intake, *last)
    replies = ("drop_replies", "error_replies", "reply")
    assert form_keys(ListenerSpec, Group.LISTENER, "REQ") == (
        *delays,
        *replies,
        *intake,
        "endpoint",
        "wait",
        "receipts",
    )
    assert slider_keys(ListenerSpec) == {"delay_ms", "high_water_mark"}
    assert form_keys(HandlerBench, Group.BENCH)[:2] == ("paired", "mode")


@pytest.mark.parametrize(
    ("pattern", "own"), [("PUB", {"no_drop"}), ("PUSH", {"conflate"}), ("REQ", {"max_message_size"})]
)
def test_a_connection_has_the_keys_that_its_pattern_can_use(pattern: str, own: set[str]) -> None:
    everywhere = set.intersection(*(set(form_keys(HandlerBench, Group.CONNECTION, one)) for one in ALL_PATTERNS))
    assert pattern in ALL_PATTERNS
    assert set(form_keys(HandlerBench, Group.CONNECTION, pattern)) - everywhere == own


def test_a_unit_is_in_the_schema_once() -> None:
    rate = schema()["$defs"]["ConstantLoad"]["properties"]["rate"]
    assert (rate["description"], rate["x-unit"]) == ("Events per second [events/s]", "events/s")


def test_a_path_has_a_placeholder_for_the_keys_of_an_object() -> None:
    paths = {path for path, _ in walk_specs(Preset)}
    assert {"", "output.handlers.NAME.config", "bench.sources.SINK.load", "bench.listeners.NAME[0]"} <= paths


def test_a_key_is_found_by_its_name() -> None:
    assert key_of(HandlerConfig, "linger").label == "Linger"
    assert key_of(HandlerConfig, "max_reconnect_attempts").label == "Max reconnects"
    with pytest.raises(KeyError, match="HandlerConfig has no key lingers"):
        key_of(HandlerConfig, "lingers")
    differing = differing_keys(HandlerConfig(linger=5, topic="t"), HandlerConfig(linger=6, topic="u"))
    assert [one.name for one in differing] == ["topic", "linger"]


def test_the_keys_of_a_plain_struct_have_default_facts() -> None:
    class Plain(msgspec.Struct):
        count: int = 3

    (one,) = keys_of(Plain)
    assert (one.default, one.is_declared, one.info) == (3, False, KeyInfo())


class WithNewKey(HandlerBench, frozen=True):
    """The bench part of a handler with one more key, which is declared by its field alone."""

    type_of_service: Annotated[
        Count,
        key(
            "Type of service of the connection's packets (IP_TOS)",
            change=Change.RECREATES_SOCKET,
            group=Group.CONNECTION,
            refused_for={"REQ": "which is an example here"},
            zmq=ZmqOption("TOS"),
            unit="bits",
            slider=True,
        ),
    ] = 0


def test_a_new_key_is_on_the_form(qtbot: QtBot) -> None:
    form = group_form(WithNewKey, Group.CONNECTION, "PUSH")
    qtbot.addWidget(form)
    assert form.fields[-1] == "type_of_service"
    assert form.slider("type_of_service") is not None
    assert "type_of_service" not in form_keys(WithNewKey, Group.CONNECTION, "REQ")
    field = read_fields(WithNewKey)["type_of_service"]
    assert (field.label, field.unit, field.default) == ("Type of service", "bits", 0)


def test_a_new_key_is_in_the_reference() -> None:
    meaning = "Type of service of the connection's packets (IP_TOS)"
    range_ = "an integer from 0 to 2147483647"
    row = preset_keys.row(key_of(WithNewKey, "type_of_service"))
    assert row == ["`type_of_service`", meaning, range_, "`0`", "bits", changing.RECREATES]


def test_a_new_key_is_in_the_schema() -> None:
    described = schema_of(WithNewKey)["$defs"]["WithNewKey"]["properties"]["type_of_service"]
    assert (described["default"], described["x-unit"], described["maximum"]) == (0, "bits", 2**31 - 1)


def test_a_new_key_is_in_the_plan_of_a_change() -> None:
    changes = changes_between(*presets_that_differ_in(WithNewKey, "type_of_service"))
    assert [one.bench for one in changes.handlers] == [WithNewKey(type_of_service=1)]
    assert changes.messages == ["handler: type_of_service 0 -> 1"]


def test_a_new_key_is_checked_against_the_pattern() -> None:
    handler = HandlerSpec(uri="zmq://tcp://*:5555", config=HandlerConfig(socket_type="REQ"))
    conflicts = list(handler_conflicts(handler, WithNewKey(type_of_service=8)))
    assert conflicts == [("type_of_service", "0 for a REQ, which is an example here")]


def test_a_new_key_is_set_on_the_socket() -> None:
    with zmq.Context() as context, context.socket(zmq.PUSH) as socket:
        set_handler_options(socket, WithNewKey(type_of_service=8), "tcp://127.0.0.1:*")
        assert socket.getsockopt(zmq.TOS) == 8
