"""Handlers of a production file that do not use ZeroMQ take no part, and stay in the file."""

from __future__ import annotations

from typing import Any

import pytest

from bench_app.errors import PresetError
from bench_app.preset import documents
from bench_app.preset.documents import parse

MIXED = {
    "output": {
        "handlers": {
            "archive": {"uri": "file:///var/events", "config": {"rotate": "daily"}},
            "push": {"uri": "zmq://tcp://work-queue:5556"},
            "bus": {"uri": "kafka+tls://broker:9092", "sink": "elsewhere"},
        }
    }
}


def test_handlers_of_other_schemes_take_no_part_and_stay_in_the_file() -> None:
    document = parse(MIXED, "mixed")
    assert list(document.preset.output.handlers) == ["push"]
    assert document.raw == MIXED
    assert [str(note) for note in document.notes] == [
        "output.handlers.archive: file:// is not ZeroMQ, so this handler takes no part",
        "output.handlers.bus: kafka+tls:// is not ZeroMQ, so this handler takes no part",
    ]
    edited = documents.replace(document, "output.handlers.push.config.linger", 5)
    assert list(edited.raw["output"]["handlers"]) == ["archive", "push", "bus"]


@pytest.mark.parametrize("uri", ["tcp://host:5555", "zqm://tcp://host:5555", "ZMQ://tcp://host:5555", "zmq//tcp", 7])
def test_a_uri_that_lacks_zmq_is_a_fault_and_not_another_scheme(uri: Any) -> None:
    raw = {"output": {"handlers": {**MIXED["output"]["handlers"], "bad": {"uri": uri}}}}
    with pytest.raises(PresetError) as caught:
        parse(raw, "mixed")
    assert [fault.path for fault in caught.value.faults] == ["output.handlers.bad.uri"]


def test_a_file_without_a_zeromq_handler_is_refused() -> None:
    with pytest.raises(PresetError, match="a URI that begins with zmq://"):
        parse({"output": {"handlers": {"archive": {"uri": "file:///var/events"}}}}, "none")
