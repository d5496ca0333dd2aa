"""Presets from files and back: loading, editing, saving, and whatever else may be in a file."""

from __future__ import annotations

import copy
import json
import math
import os
import stat
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.errors import BenchError, InputError, PresetError, SaveError
from bench_app.model import (
    BenchSpec,
    ConstantLoad,
    HandlerConfig,
    ListenerSpec,
    MaxLoad,
    Preset,
    ReplaySource,
)
from bench_app.preset import documents
from bench_app.preset.defaults import listeners_of, sources_of
from bench_app.preset.documents import Document, load, parse
from bench_app.system import files
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


class TestUnreadableFiles:
    def test_a_byte_order_mark_is_no_fault(self, tmp_path: Path) -> None:
        assert load(write(tmp_path, b"\xef\xbb\xbf" + SPECIFICATION["basic"].encode())).notes == []

    def test_too_large(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(documents, "SIZE_MAX", 100)
        with pytest.raises(InputError, match="too large for a preset"):
            load(write(tmp_path, " " * 101))

    def test_no_file(self, tmp_path: Path) -> None:
        for name, sentence in [
            (tmp_path, "is a folder"),
            (tmp_path / "none.json", "neither a file nor the name of a preset"),
            ("a" * 5000, "neither a file"),
            ("a\0b", "neither a file"),
            ("", "is a folder"),
        ]:
            with pytest.raises(InputError, match=sentence):
                load(name)

    @pytest.mark.skipif(sys.platform == "win32", reason="no pipes in the file system")
    def test_a_pipe_does_not_hang(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(InputError, match="not a regular file"):
            load(tmp_path / "pipe")

    @pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root reads everything")
    def test_not_readable(self, tmp_path: Path) -> None:
        path = write(tmp_path, "{}")
        path.chmod(0)
        with pytest.raises(InputError, match="cannot be read: Permission denied"):
            load(path)


class TestReplace:
    def test_sets_one_value_and_keeps_the_rest(self) -> None:
        document = parse(pub_preset(unknown=1), "test")
        before = copy.deepcopy(document.raw)
        changed = documents.replace(document, "output.handlers.pub.config.high_water_mark", 5)
        assert changed.preset.output.handlers["pub"].config.high_water_mark == 5
        assert changed.raw["bench"] == {"unknown": 1}
        assert document.raw == before
        assert (changed.name, changed.path, changed.base_dir) == (document.name, document.path, document.base_dir)

    def test_refuses_what_makes_no_preset(self) -> None:
        document = parse(pub_preset(), "test")
        with pytest.raises(PresetError, match=r"bench\.duration_s"):
            documents.replace(document, "bench.duration_s", math.nan)
        with pytest.raises(InputError, match="column 1"):
            documents.replace(document, "", 5)

    def test_several_values_are_checked_together(self) -> None:
        document = parse(pub_preset(warmup_s=5), "test")
        changed = documents.replace_all(document, [("bench.duration_s", 2), ("bench.warmup_s", 1)])
        assert changed.preset.bench.duration_s == 2

    @pytest.mark.parametrize("path", ["bench.sources.events.load.rate", ("bench", "sources", "events", "load", "rate")])
    def test_a_default_source_is_written_out_first(self, path: Any) -> None:
        document = parse(pub_preset(), "test")
        changed = documents.replace(document, path, 500)
        assert sources_of(changed.preset)["events"].load == ConstantLoad(rate=500)

    def test_listeners_left_to_the_default(self) -> None:
        changed = documents.replace(parse(pub_preset(), "test"), "bench.listeners.pub[0].delay_ms", 2)
        assert listeners_of(changed.preset, "pub") == (ListenerSpec(name="sub-1", topics=("a",), delay_ms=2),)

    def test_values_of_the_model(self) -> None:
        document = parse(pub_preset(), "test")
        changed = documents.replace(document, "bench", BenchSpec(checks=("drops == 0",)))
        assert changed.raw["bench"]["checks"] == ["drops == 0"]
        assert documents.with_load(document, "tasks", MaxLoad()).preset.bench.sources["tasks"].load == MaxLoad()

    def test_a_sink_with_dots(self) -> None:
        raw = pub_preset()
        raw["output"]["handlers"]["pub"]["sink"] = "a.b"
        document = parse(raw, "test")
        for path in ("bench.sources.a.b.load.rate", 'bench.sources["a.b"].load.rate'):
            assert documents.replace(document, path, 5).preset.bench.sources["a.b"].load == ConstantLoad(rate=5)


class TestSave:
    def test_keeps_unknown_keys_their_order_and_big_numbers(self, tmp_path: Path) -> None:
        text = '{\n  "zebra": 123456789012345678901234567890,\n  "output": {"handlers": {"x": '
        text += '{"uri": "zmq://tcp://h:1", "extra": {"é": [1.0, 1e-7]}}}},\n  "a": null\n}'
        document = load(write(tmp_path, text))
        saved = documents.save(document, tmp_path / "copy.json")
        written = (tmp_path / "copy.json").read_bytes()
        assert written.endswith(b"}\n") and "é".encode() in written
        assert json.loads(written) == json.loads(text)
        assert list(json.loads(written)) == ["zebra", "output", "a"]
        assert (saved.name, saved.path) == ("copy", tmp_path / "copy.json")
        assert load(tmp_path / "copy.json") == saved

    def test_leaves_nothing_else_and_keeps_permissions_and_links(self, tmp_path: Path) -> None:
        target = write(tmp_path, "old", "real.json")
        target.chmod(0o640)
        link = tmp_path / "link.json"
        link.symlink_to(target)
        documents.save(parse(pub_preset(), "test"), link)
        assert link.is_symlink()
        assert json.loads(target.read_bytes()) == pub_preset()
        assert stat.S_IMODE(target.stat().st_mode) == 0o640
        assert sorted(path.name for path in tmp_path.iterdir()) == ["link.json", "real.json"]

    def test_relative_replay_files_are_still_found(self, tmp_path: Path) -> None:
        write(tmp_path, "{}", "events.jsonl")
        (tmp_path / "deeper").mkdir()
        document = parse(pub_preset(sources={"events": {"kind": "replay", "path": "events.jsonl"}}), "test", tmp_path)
        saved = documents.save(document, tmp_path / "deeper" / "copy.json")
        assert saved.preset.bench.sources["events"] == ReplaySource(path="../events.jsonl")
        assert load(tmp_path / "deeper" / "copy.json") == saved

    @pytest.mark.parametrize("name", ["missing/preset.json", "folder", "a\0b", "x" * 300])
    def test_says_why_it_cannot(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "folder").mkdir()
        with pytest.raises(SaveError, match="cannot be written: "):
            documents.save(parse(pub_preset(), "test"), tmp_path / name)
        assert [path.name for path in tmp_path.iterdir()] == ["folder"]

    def test_replaces_no_pipe_and_no_device(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(SaveError, match="not a regular file"):
            documents.save(parse(pub_preset(), "test"), tmp_path / "pipe")
        assert (tmp_path / "pipe").is_fifo()

    def test_a_full_disk_leaves_the_old_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        target = write(tmp_path, "old")
        monkeypatch.setattr(files.os, "fsync", full)
        with pytest.raises(SaveError, match="No space left on device") as caught:
            documents.save(parse(pub_preset(), "test"), target)
        assert isinstance(caught.value, BenchError)
        assert target.read_text() == "old"
        assert list(tmp_path.iterdir()) == [target]


class TestShipped:
    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        folder = tmp_path / "shipped"
        folder.mkdir()
        monkeypatch.setattr(documents, "_PACKAGE", tmp_path)
        return folder

    def test_every_shipped_preset_loads_without_a_note(self) -> None:
        for document in documents.shipped_documents():
            assert document.preset.bench.title, document.name
            assert document.notes == [], document.name

    def test_none(self, folder: Path) -> None:
        assert documents.shipped() == []
        with pytest.raises(InputError, match="neither a file"):
            load("slow-joiner")

    def test_no_folder_at_all(self, folder: Path) -> None:
        folder.rmdir()
        assert documents.shipped() == []

    def test_by_bare_name(self, folder: Path) -> None:
        write(folder, json.dumps(pub_preset(title="Slow")), "slow-joiner.json")
        write(folder, SPECIFICATION["basic"], "basic.json")
        assert documents.shipped() == [("basic", ""), ("slow-joiner", "Slow")]
        document = load("slow-joiner")
        assert (document.name, document.path, document.base_dir) == ("slow-joiner", None, folder)
        with pytest.raises(InputError, match=r"did you mean slow-joiner\?"):
            load("slow-joinr")

    def test_a_file_goes_before_a_shipped_name_and_a_folder_does_not(
        self, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(folder, SPECIFICATION["basic"], "basic.json")
        monkeypatch.chdir(tmp_path)
        (tmp_path / "basic").mkdir()
        assert load("basic").path is None
        (tmp_path / "basic").rmdir()
        write(tmp_path, SPECIFICATION["basic"], "basic")
        assert load("basic").path == Path("basic")


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
    def test_json_is_a_document_or_faults(self, raw: Any) -> None:
        self._one_or_the_other(raw)

    @given(json_values | shaped_values, known_keys)
    def test_a_bench_section_is_a_document_or_faults(self, value: Any, key: str) -> None:
        self._one_or_the_other(pub_preset(**{key: value}))
        self._one_or_the_other(pub_preset(**{key: {"pub": value, "events": value}}))
        self._one_or_the_other({"output": {"handlers": {"pub": value}}, "bench": value})

    @given(st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
    def test_bytes_are_a_document_or_a_sentence(self, tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
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
