"""Edits of handlers and listeners: each leaves a preset that can be used."""

from __future__ import annotations

from typing import Any

import pytest
from bench_ui.document import edits
from bench_ui.document.edits import DocumentEdit
from hypothesis import given
from hypothesis import strategies as st

from bench_app.errors import PresetError
from bench_app.preset import documents
from bench_app.preset.defaults import listeners_of
from bench_app.preset.documents import Document
from tests.runs import preset


def document(**bench: Any) -> Document:
    return documents.parse(preset({"socket_type": "PUB"}, uri="zmq://tcp://127.0.0.1:5555", **bench), "test")


def applied(before: Document, edit: DocumentEdit) -> Document:
    raw = documents.copy_of(before.raw)
    edit.change(raw)
    return documents.with_raw(before, raw)


def names(of: Document, handler: str = "h") -> list[str]:
    return [str(one.name) for one in listeners_of(of.preset, handler)]


@given(st.lists(st.sampled_from(["PUB", "PUSH", "REQ"]), max_size=8))
def test_added_handlers_have_names_and_ports_of_their_own(socket_types: list[str]) -> None:
    found = document()
    for socket_type in socket_types:
        edit = edits.add_handler(found, socket_type)
        found = applied(found, edit)
        assert found.preset.output.handlers[edit.select].config.socket_type == socket_type
    uris = [spec.uri for spec in found.preset.output.handlers.values()]
    assert len(uris) == len(set(uris)) == len(socket_types) + 1


def test_a_copy_has_its_listeners_and_is_its_own() -> None:
    before = document(listeners=[{"name": "slow", "delay_ms": 2}])
    copied = applied(before, edits.duplicate(before, "h"))
    assert names(copied, "h-2") == ["slow"]

    changed = applied(copied, edits.rename(copied, "h-2", "slow", "other"))
    assert (names(changed, "h"), names(changed, "h-2")) == (["slow"], ["other"])
    assert before.raw == document(listeners=[{"name": "slow", "delay_ms": 2}]).raw


def test_default_listeners_are_written_to_the_preset_when_another_one_is_added() -> None:
    before = document()
    after = applied(before, edits.add_listener(before, "h"))
    assert names(after) == ["sub-1", "listener"]
    again = applied(after, edits.add_listener(after, "h"))
    assert names(again) == ["sub-1", "listener", "listener-2"]


def test_removing_a_handler_removes_its_settings_and_its_unused_source() -> None:
    before = document(listeners=[{"name": "a"}, {"name": "b"}])
    before = applied(before, edits.add_handler(before, "REQ"))
    before = documents.replace_all(
        before,
        [
            (("output", "handlers", "zmq-req", "sink"), "service_requests"),
            (("bench", "sources", "service_requests"), {"kind": "synthetic", "event": "service_request"}),
            (("bench", "handlers", "zmq-req"), {"stamp": "frame"}),
        ],
    )
    after = applied(before, edits.remove(before, [("zmq-req", ""), ("h", "a")]))
    assert list(after.preset.output.handlers) == ["h"]
    assert names(after) == ["b"]
    assert "zmq-req" not in after.raw["bench"]["handlers"]
    assert list(after.raw["bench"]["sources"]) == ["events"]


def test_the_last_handler_cannot_be_removed() -> None:
    before = document()
    with pytest.raises(PresetError):
        applied(before, edits.remove(before, [("h", "")]))


def test_a_new_name_goes_everywhere_and_keeps_its_place() -> None:
    before = document(listeners=[{"name": "a"}])
    before = applied(before, edits.add_handler(before, "PUSH"))
    after = applied(before, edits.rename(before, "h", "", "publisher"))
    assert list(after.preset.output.handlers) == ["publisher", "zmq-push"]
    assert names(after, "publisher") == ["a"]
    assert "h" not in after.raw["bench"]["handlers"]


def test_disabled_handlers_stay_in_the_file() -> None:
    before = document()
    after = applied(before, edits.enable(["h"], False))
    assert after.preset.output.handlers["h"].enabled is False


def test_a_consumer_of_the_user_is_counted_by_a_listener_with_receipts() -> None:
    before = document()
    after = applied(before, edits.count_consumer(before, "h", "tcp://127.0.0.1:5599"))
    assert not after.preset.bench.handlers["h"].paired
    assert [one.receipts for one in after.preset.bench.listeners["h"]][-1:] == ["tcp://127.0.0.1:5599"]
    assert names(after)[-1] == "my-consumer"
