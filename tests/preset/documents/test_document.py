"""JSON becomes a document, or is refused with faults."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.errors import InputError, PresetError
from bench_app.model import HandlerConfig, Preset
from bench_app.preset import documents
from bench_app.preset.documents import Document, load, parse
from tests.preset.presets import FRAGMENTS, SPECIFICATION, pub_preset, write


class TestSpecification:
    @pytest.mark.parametrize("name", SPECIFICATION)
    def test_every_configuration_loads_and_is_saved_unchanged(self, tmp_path: Path, name: str) -> None:
        path = write(tmp_path, SPECIFICATION[name].lstrip())
        document = load(path)
        assert document.name == "preset"
        assert document.path == path
        assert document.notes == []
        assert document.preset == msgspec.json.decode(SPECIFICATION[name], type=Preset)
        assert documents.dump(document) == path.read_bytes()

    @pytest.mark.parametrize("text", FRAGMENTS)
    def test_fragments_are_configs(self, tmp_path: Path, text: str) -> None:
        raw = json.loads(SPECIFICATION["basic"])
        raw["output"]["handlers"]["zmq-publisher"] |= json.loads(text)
        config = parse(raw, "fragment").preset.output.handlers["zmq-publisher"].config
        assert config == msgspec.convert(json.loads(text)["config"], HandlerConfig)
        with pytest.raises(PresetError, match=r"belongs at output\.handlers\.NAME"):
            load(write(tmp_path, text))

    def test_all_thirteen_parameters_have_the_defaults_of_production(self) -> None:
        handler = parse({"output": {"handlers": {"x": {"uri": "zmq://tcp://h:1"}}}}, "x").preset.output.handlers["x"]
        assert msgspec.to_builtins(handler) == {
            "uri": "zmq://tcp://h:1",
            "sink": "events",
            "enabled": True,
            "config": {
                "socket_type": "PUSH",
                "topic": "",
                "high_water_mark": 1000,
                "linger": 1000,
                "send_timeout": 100,
                "reconnect_interval": 5000,
                "max_reconnect_attempts": -1,
                "queue_size": 1000,
                "request_timeout": 5000,
                "retries": 3,
            },
        }


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
)
known_keys = st.sampled_from(
    ["output", "handlers", "pub", "bench", "sources", "events", "listeners", "load", "shape", "kind", "checks", "uri"]
)
shaped_values: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(["synthetic", "replay", "sine", "zmq://tcp://*:1", "pub: drops == 0", 0, 1, None, True, []]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(known_keys, inner, max_size=5),
)


class TestAnything:
    @given(json_values | shaped_values)
    def test_any_json_is_a_document_or_faults(self, raw: Any) -> None:
        self._one_or_the_other(raw)

    @given(json_values | shaped_values, known_keys)
    def test_a_bench_section_is_a_document_or_faults(self, value: Any, key: str) -> None:
        self._one_or_the_other(pub_preset(**{key: value}))
        self._one_or_the_other(pub_preset(**{key: {"pub": value, "events": value}}))
        self._one_or_the_other({"output": {"handlers": {"pub": value}}, "bench": value})

    @given(st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
    def test_any_bytes_are_a_document_or_an_error(self, tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
        path = tmp_path_factory.getbasetemp() / "anything.json"
        path.write_bytes(data)
        try:
            document = load(path)
        except InputError as error:
            assert str(error)
        else:
            assert json.loads(documents.dump(document)) == document.raw

    @given(st.integers(0, len(SPECIFICATION["multi_pattern"])), st.binary(max_size=3))
    def test_damaged_files(self, tmp_path_factory: pytest.TempPathFactory, place: int, patch: bytes) -> None:
        data = SPECIFICATION["multi_pattern"].encode()
        self_made = tmp_path_factory.getbasetemp() / "damaged.json"
        for damaged in (data[:place], data[:place] + patch + data[place + len(patch) :]):
            self_made.write_bytes(damaged)
            try:
                load(self_made)
            except PresetError as error:
                assert error.faults

    def _one_or_the_other(self, raw: Any) -> None:
        try:
            document = parse(raw, "anything")
        except PresetError as error:
            assert error.faults
            assert str(error)
        else:
            assert isinstance(document, Document)
            assert parse(json.loads(documents.dump(document)), "anything").preset == document.preset
