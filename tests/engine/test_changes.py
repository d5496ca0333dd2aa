"""What an edited preset does to a run: a change applies at once, by a restart of the handler, or at the next start."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.engine.changes import (
    Changes,
    changes_between,
    format_load,
)
from bench_app.model import (
    BurstLoad,
    ConstantLoad,
    HandlerBench,
    HandlerConfig,
    ListenerSpec,
    Load,
    MaxLoad,
    PoissonLoad,
    RampLoad,
    RecordedLoad,
    SineLoad,
    StepsLoad,
)
from bench_app.model.key_info import Change
from bench_app.model.keys import Key, recreates_socket
from bench_app.preset import documents
from tests.engine.edited_presets import (
    CONNECTION,
    CONNECTION_KEYS,
    KEYS,
    LISTENER_CONNECTION_KEYS,
    LISTENER_RECREATING,
    LIVE_CONFIG,
    LIVE_LISTENER,
    RECREATING,
    Raw,
    add_handler,
    assert_only_restarts,
    assert_only_waiting,
    between,
    config,
    listener,
    parsed,
    raw_preset,
    set_load,
)
from tests.engine.one_key_apart import presets_that_differ_in
from tests.runs import preset


def test_the_same_preset_changes_nothing() -> None:
    assert between(lambda _raw: None) == Changes()


def test_a_default_that_is_written_out_changes_nothing() -> None:
    assert between(lambda raw: config(raw).update(linger=1000, queue_size=1000)) == Changes()
    bare = preset({"socket_type": "PUSH"})
    assert between(lambda raw: raw["bench"].update(listeners={"h": [{"name": "pull-1"}]}), bare) == Changes()


def test_every_field_of_a_config_is_known_here() -> None:
    assert set(LIVE_CONFIG) | {"socket_type"} == set(HandlerConfig.__struct_fields__)
    fixed = {"name", "topics", "endpoint", "wait", "receipts"}
    assert set(LIVE_LISTENER) | fixed | set(LISTENER_CONNECTION_KEYS) == set(ListenerSpec.__struct_fields__)
    assert set(CONNECTION_KEYS) < set(HandlerBench.__struct_fields__)


@pytest.mark.parametrize("key", LIVE_CONFIG)
def test_a_config_changes_at_once(key: str) -> None:
    changes = between(lambda raw: config(raw).update({key: LIVE_CONFIG[key]}))
    (change,) = changes.handlers
    assert (change.name, change.load) == ("h", None)
    assert change.spec.config == HandlerConfig(**{"socket_type": "REQ", key: LIVE_CONFIG[key]})
    assert (changes.listeners, changes.waiting) == ([], [])
    (message,) = changes.messages
    assert message.startswith(f"h: {key} ")
    assert message.endswith(f" -> {LIVE_CONFIG[key]}")


@given(st.sets(st.sampled_from(sorted(LIVE_CONFIG))), st.sets(st.sampled_from(sorted(LIVE_LISTENER))))
def test_any_live_fields_together_make_one_change_each(config_keys: set[str], listener_keys: set[str]) -> None:
    def edit(raw: Raw) -> None:
        config(raw).update({key: LIVE_CONFIG[key] for key in config_keys})
        listener(raw).update({key: LIVE_LISTENER[key] for key in listener_keys})

    changes = between(edit)
    assert len(changes.handlers) == bool(config_keys)
    assert len(changes.listeners) == bool(listener_keys)
    assert len(changes.messages) == len(config_keys) + len(listener_keys)
    assert changes.waiting == []


def test_another_socket_type_restarts_the_handler_with_the_whole_config() -> None:
    before = preset({"socket_type": "PUSH"}, listeners=[{"name": "one"}])
    changes = between(lambda raw: config(raw).update(socket_type="REQ", linger=5), before)
    assert_only_restarts(changes, "h", "socket_type PUSH -> REQ")
    after = parsed(before)
    config_now = changes.applied_to(parsed(before), after).output.handlers["h"].config
    assert config_now == after.output.handlers["h"].config


def test_another_address_moves_the_handler_at_once() -> None:
    def edit(raw: Raw) -> None:
        raw["output"]["handlers"]["h"]["uri"] = "zmq://ipc:///tmp/other.ipc"

    changes = between(lambda raw: (edit(raw), config(raw).update(linger=5)))
    (change,) = changes.handlers
    assert (change.spec.uri, change.spec.config.linger) == ("zmq://ipc:///tmp/other.ipc", 5)
    assert changes.messages[0] == "h: uri zmq://tcp://127.0.0.1:* -> zmq://ipc:///tmp/other.ipc"
    assert changes.waiting == []


def test_an_address_in_another_process_restarts_the_handler() -> None:
    def edit(raw: Raw) -> None:
        raw["output"]["handlers"]["h"]["uri"] = "zmq://inproc://other"

    reason = "uri zmq://tcp://127.0.0.1:* -> zmq://inproc://other"
    assert_only_restarts(between(edit), "h", reason)
    assert_only_restarts(between(lambda raw: (edit(raw), config(raw).update(linger=5))), "h", reason)


def test_another_sink_restarts_the_handler() -> None:
    def edit(raw: Raw) -> None:
        raw["output"]["handlers"]["h"]["sink"] = "other"
        raw["bench"]["sources"] = {"other": raw["bench"]["sources"].pop("events")}

    assert_only_restarts(between(edit), "h", "sink events -> other")


@pytest.mark.parametrize("more", [{"mode": "bind"}, {"stamp": "frame"}, {"start_gate": False}])
def test_a_bench_key_restarts_the_handler(more: Raw) -> None:
    changes = between(lambda raw: raw["bench"]["handlers"]["h"].update(more))
    assert_only_restarts(changes, "h", *more)


@pytest.mark.parametrize("key", CONNECTION)
def test_a_connection_key_changes_at_once_and_recreates_the_socket(key: str) -> None:
    changes = between(lambda raw: raw["bench"]["handlers"]["h"].update({key: CONNECTION[key]}))
    (change,) = changes.handlers
    assert getattr(change.bench, key) == CONNECTION[key]
    assert (changes.listeners, changes.waiting) == ([], [])
    (message,) = changes.messages
    assert message.startswith(f"h: {key} ")
    assert key in RECREATING
    changes = between(lambda raw: listener(raw).update({key: CONNECTION[key]}))
    (listener_change,) = changes.listeners
    assert getattr(listener_change.spec, key) == CONNECTION[key]
    assert (changes.handlers, changes.waiting) == ([], [])
    assert key in LISTENER_RECREATING


def planned(changes: Changes) -> set[Change]:
    """What a plan does, as the model names it."""
    found = {
        Change.NEXT_START: changes.waiting,
        Change.MEMBERSHIP: changes.leaving or changes.joining,
        Change.RESTARTS_HANDLER: changes.restarted,
        Change.LIVE: changes.handlers or changes.listeners,
    }
    return {change for change, who in found.items() if who} or {Change.NONE}


@pytest.mark.parametrize(("spec", "key"), KEYS.values(), ids=KEYS)
def test_a_change_of_a_key_does_what_the_model_says(spec: type[msgspec.Struct], key: Key) -> None:
    was, now = presets_that_differ_in(spec, key.name)
    # A new socket is made by the handler or the listener that takes the change over.
    expected = Change.LIVE if key.info.change is Change.RECREATES_SOCKET else key.info.change
    changes = changes_between(was, now)
    assert planned(changes) == {expected}
    if spec in (HandlerConfig, HandlerBench, ListenerSpec):
        recreates = key.info.change is Change.RECREATES_SOCKET
        assert recreates_socket(spec(), msgspec.structs.replace(spec(), **{key.name: object()})) == recreates


def test_handlers_join_and_leave() -> None:
    two = add_handler(raw_preset(), "second")
    joins = between(lambda raw: add_handler(raw, "second"))
    assert joins == Changes(joining=["second"], messages=["second joins the run"])
    leaves = Changes(leaving=["second"], messages=["second leaves the run"])
    assert between(lambda raw: raw["output"]["handlers"].pop("second"), two) == leaves
    assert between(lambda raw: raw["output"]["handlers"]["second"].update(enabled=False), two) == leaves
    disabled = add_handler(raw_preset(), "second", enabled=False)
    assert between(lambda raw: raw["output"]["handlers"]["second"].update(enabled=True), disabled) == joins


def test_a_change_of_a_disabled_handler_changes_nothing() -> None:
    before = add_handler(raw_preset(), "second", enabled=False)
    assert between(lambda raw: config(raw, "second").update(linger=5), before) == Changes()


def test_a_change_of_one_handler_does_not_change_the_others() -> None:
    before = add_handler(raw_preset(), "second")
    changes = between(lambda raw: config(raw, "second").update(linger=5), before)
    assert [change.name for change in changes.handlers] == ["second"]
    assert changes.messages == ["second: linger 1,000 -> 5"]


def test_a_load_changes_at_once() -> None:
    changes = between(lambda raw: set_load(raw, shape="constant", rate=5000))
    (change,) = changes.handlers
    assert change.load == ConstantLoad(rate=5000)
    assert change.spec == parsed(raw_preset()).output.handlers["h"]
    assert changes.messages == ["h: load constant 2,000/s -> constant 5,000/s"]
    assert changes.waiting == []


def test_another_shape_of_load_changes_at_once() -> None:
    changes = between(lambda raw: set_load(raw, shape="max"))
    assert [change.load for change in changes.handlers] == [MaxLoad()]
    assert changes.messages == ["h: load constant 2,000/s -> max"]


def test_a_load_goes_to_every_handler_of_its_sink_and_to_no_other() -> None:
    before = add_handler(add_handler(raw_preset(), "second"), "elsewhere", sink="other")
    changes = between(lambda raw: set_load(raw, shape="poisson", rate=10), before)
    assert [(change.name, change.load) for change in changes.handlers] == [
        ("h", PoissonLoad(rate=10)),
        ("second", PoissonLoad(rate=10)),
    ]


def test_load_and_config_are_one_change() -> None:
    changes = between(lambda raw: (set_load(raw, shape="max"), config(raw).update(linger=5)))
    (change,) = changes.handlers
    assert (change.load, change.spec.config.linger) == (MaxLoad(), 5)
    assert changes.messages == ["h: linger 1,000 -> 5", "h: load constant 2,000/s -> max"]


def test_every_other_key_of_a_source_restarts_the_handler() -> None:
    def resize(raw: Raw) -> None:
        raw["bench"]["sources"]["events"]["size"] = 2000

    assert_only_restarts(between(resize), "h", "size")
    assert_only_restarts(between(lambda raw: (resize(raw), set_load(raw, shape="max"))), "h", "size")


def test_another_kind_of_source_restarts_the_handler(tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    events.write_text("{}\n")

    def replay(raw: Raw) -> None:
        raw["bench"]["sources"]["events"] = {"kind": "replay", "path": str(events)}

    assert_only_restarts(between(replay), "h", "another kind of source")


def test_all_reasons_for_a_restart_are_in_one_message() -> None:
    def edit(raw: Raw) -> None:
        raw["output"]["handlers"]["h"]["uri"] = "zmq://inproc://other"
        raw["bench"]["handlers"]["h"]["stamp"] = "frame"
        raw["bench"]["sources"]["events"]["size"] = 2000

    assert_only_restarts(between(edit), "h", "uri zmq://tcp://127.0.0.1:* -> zmq://inproc://other; stamp; size")


@pytest.mark.parametrize("key", LIVE_LISTENER)
def test_a_listener_is_changed_at_once(key: str) -> None:
    changes = between(lambda raw: listener(raw).update({key: LIVE_LISTENER[key]}))
    (change,) = changes.listeners
    wanted = tuple(LIVE_LISTENER[key]) if key == "stall" else LIVE_LISTENER[key]
    assert (change.handler, change.name) == ("h", "one")
    assert change.spec == msgspec.structs.replace(ListenerSpec(name="one", topics=("",)), **{key: wanted})
    assert (changes.handlers, changes.waiting) == ([], [])
    assert [message.startswith(f"h/one: {key} ") for message in changes.messages] == [True]


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        ({"delay_ms": 2.5}, "h/one: delay_ms 0 -> 2.5"),
        ({"high_water_mark": 20_000}, "h/one: high_water_mark 1,000 -> 20,000"),
        ({"stall": [1, 2]}, "h/one: stall none -> 1, 2"),
    ],
)
def test_a_message_has_numbers_as_people_read_them(edit: Raw, message: str) -> None:
    assert between(lambda raw: listener(raw).update(edit)).messages == [message]


def test_a_message_shows_an_empty_text_as_quotes() -> None:
    assert between(lambda raw: config(raw).update(topic="a")).messages == ['h: topic "" -> a']


def test_a_listener_with_other_topics_restarts_with_its_handler() -> None:
    before = preset({"socket_type": "PUB", "topic": "t"}, listeners=[{"name": "one", "topics": ["t"]}])
    assert_only_restarts(between(lambda raw: listener(raw).update(topics=["u"]), before), "h", "one: topics")


def test_the_topic_of_a_handler_is_live_and_its_listeners_follow_at_the_next_start() -> None:
    before = preset({"socket_type": "PUB", "topic": "t"})
    changes = between(lambda raw: config(raw).update(topic="u"), before)
    assert [change.spec.config.topic for change in changes.handlers] == ["u"]
    assert changes.waiting == ["h/sub-1: topics at the next start"]


def test_a_listener_that_joins_or_leaves_restarts_its_handler() -> None:
    more = between(lambda raw: (listener(raw).update(delay_ms=1), raw["bench"]["listeners"]["h"].append({})))
    assert_only_restarts(more, "h", "listener rep-2 joins")
    renamed = between(lambda raw: listener(raw).update(name="other"))
    assert_only_restarts(renamed, "h", "listener one leaves; listener other joins")


def test_listeners_in_another_order_are_the_same_listeners() -> None:
    before = preset({"socket_type": "PUB"}, listeners=[{"name": "a", "delay_ms": 1}, {"name": "b"}])
    assert between(lambda raw: raw["bench"]["listeners"]["h"].reverse(), before) == Changes()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"duration_s": 9}, "duration takes effect at the next start"),
        ({"warmup_s": 0.1}, "warm-up takes effect at the next start"),
        ({"duration_s": 9, "warmup_s": 0.1}, "duration and warm-up take effect at the next start"),
        ({"io_threads": 2}, "I/O threads takes effect at the next start"),
        ({"cpu_affinity": "spread"}, "CPU affinity takes effect at the next start"),
    ],
)
def test_keys_of_the_whole_run_wait(more: Raw, message: str) -> None:
    changes = between(lambda raw: raw["bench"].update(more))
    assert_only_waiting(changes, message)


def test_another_way_to_wait_restarts_the_handler() -> None:
    assert_only_restarts(between(lambda raw: listener(raw).update(wait="spin")), "h", "one: wait")


def test_title_and_description_change_nothing() -> None:
    assert between(lambda raw: raw["bench"].update(title="another", description="words")) == Changes()


def test_a_key_that_recreates_the_socket_is_live() -> None:
    assert {"high_water_mark", "reconnect_interval", *CONNECTION_KEYS} == RECREATING
    assert set(LIVE_CONFIG) >= RECREATING - set(CONNECTION_KEYS)
    assert {"high_water_mark", *LISTENER_CONNECTION_KEYS} == LISTENER_RECREATING
    assert set(LIVE_LISTENER) >= LISTENER_RECREATING - set(LISTENER_CONNECTION_KEYS)


@pytest.mark.parametrize("key", sorted(RECREATING - set(CONNECTION_KEYS)))
def test_a_key_that_recreates_the_socket_is_sent_at_once(key: str) -> None:
    changes = between(lambda raw: config(raw).update({key: 77}))
    assert [getattr(change.spec.config, key) for change in changes.handlers] == [77]
    assert changes.waiting == []


@pytest.mark.parametrize(
    ("load", "words"),
    [
        (ConstantLoad(rate=5000), "constant 5,000/s"),
        (ConstantLoad(rate=1_500_000), "constant 1,500,000/s"),
        (ConstantLoad(rate=0.5), "constant 0.5/s"),
        (PoissonLoad(rate=999_999), "poisson 999,999/s"),
        (BurstLoad(rate=2000, events=10, every_s=1), "burst 2,000/s events 10 every_s 1"),
        (RampLoad(start=0, end=9, over_s=1), "ramp start 0 end 9 over_s 1"),
        (StepsLoad(rates=(1.0, 2.0), each_s=1), "steps rates 1, 2 each_s 1"),
        (SineLoad(mean=5, amplitude=1, period_s=1), "sine mean 5 amplitude 1 period_s 1"),
        (MaxLoad(), "max"),
        (RecordedLoad(speed=2), "recorded speed 2"),
    ],
)
def test_the_short_text_of_a_load(load: Load, words: str) -> None:
    assert format_load(load) == words


def test_neither_preset_is_altered() -> None:
    old, new = parsed(raw_preset()), parsed(add_handler(raw_preset(), "second"))
    before = msgspec.json.encode(old), msgspec.json.encode(new)
    changes_between(old, new)
    assert (msgspec.json.encode(old), msgspec.json.encode(new)) == before


def test_a_waiting_key_keeps_waiting_when_another_key_changes() -> None:
    document = documents.parse(preset({"socket_type": "PUB", "topic": "t"}, listeners=[{"name": "l"}]), "test")
    wanted = documents.replace(document, "output.handlers.h.config.topic", "u")
    wanted = documents.replace(wanted, "bench.duration_s", 77)
    waits = ["h/l: topics at the next start", "duration takes effect at the next start"]
    first = changes_between(document.preset, wanted.preset)
    assert first.waiting == waits
    runs = first.applied_to(document.preset, wanted.preset)
    assert (runs.bench.duration_s, runs.output.handlers["h"].config.topic) == (document.preset.bench.duration_s, "u")
    assert [one.topics for one in runs.bench.listeners["h"]] == [("t",)]
    second = changes_between(runs, documents.replace(wanted, "output.handlers.h.config.linger", 5).preset)
    assert [change.spec.config.linger for change in second.handlers] == [5]
    assert (second.restarted, second.waiting) == ([], waits)
    # A handler that restarts takes all of it over.
    third_wanted = documents.replace(wanted, "output.handlers.h.config.socket_type", "PUSH")
    third = changes_between(runs, third_wanted.preset)
    assert third.restarted == ["h"]
    assert [one.topics for one in third.applied_to(runs, third_wanted.preset).bench.listeners["h"]] == [("u",)]
