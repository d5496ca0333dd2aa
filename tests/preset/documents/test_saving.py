"""A saved preset loads as the same document from any folder; a failed save changes no file."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.errors import BenchError, SaveError
from bench_app.model import Preset, ReplaySource
from bench_app.preset import documents
from bench_app.preset.documents import load, parse
from bench_app.system import files
from bench_app.system.processors import allowed_processors
from tests.preset.presets import pub_preset, write

ALLOWED = allowed_processors() or ()


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

    def test_leaves_no_other_file_and_keeps_permissions_and_links(self, tmp_path: Path) -> None:
        target = write(tmp_path, "old", "real.json")
        target.chmod(0o640)
        link = tmp_path / "link.json"
        link.symlink_to(target)
        documents.save(parse(pub_preset(), "test"), link)
        assert link.is_symlink()
        assert json.loads(target.read_bytes()) == pub_preset()
        assert stat.S_IMODE(target.stat().st_mode) == 0o640
        assert sorted(path.name for path in tmp_path.iterdir()) == ["link.json", "real.json"]

    def test_a_handler_of_another_scheme_stays_in_the_file_and_out_of_the_specs(self, tmp_path: Path) -> None:
        raw = pub_preset()
        raw["output"]["handlers"]["cloud"] = {"uri": "mqtt://broker:1883", "config": {"qos": 1}}
        document = parse(raw, "production")
        saved = documents.save(document, tmp_path / "production.json")
        assert "cloud" not in saved.preset.output.handlers and saved.preset == document.preset
        assert json.loads((tmp_path / "production.json").read_bytes()) == raw
        assert load(tmp_path / "production.json") == saved

    def test_relative_replay_files_are_still_found(self, tmp_path: Path) -> None:
        write(tmp_path, "{}", "events.jsonl")
        (tmp_path / "deeper").mkdir()
        document = parse(pub_preset(sources={"events": {"kind": "replay", "path": "events.jsonl"}}), "test", tmp_path)
        saved = documents.save(document, tmp_path / "deeper" / "copy.json")
        assert saved.preset.bench.sources["events"] == ReplaySource(path="../events.jsonl")
        assert load(tmp_path / "deeper" / "copy.json") == saved

    @given(
        io_threads=st.integers(1, 64),
        affinity=st.sampled_from(["off", "spread"]) | st.permutations(ALLOWED).map(lambda some: some[:1] or "off"),
        waits=st.lists(st.sampled_from(["block", "poll", "spin"]), max_size=4),
    )
    def test_keys_of_the_processors_come_back(
        self, tmp_path_factory: pytest.TempPathFactory, io_threads: int, affinity: Any, waits: list[str]
    ) -> None:
        listeners = {"pub": [{"wait": wait} for wait in waits]}
        raw = pub_preset(io_threads=io_threads, cpu_affinity=affinity, listeners=listeners)
        document, target = parse(raw, "copy"), tmp_path_factory.getbasetemp() / "copy.json"
        documents.save(document, target)
        again = load(target).preset
        assert again == document.preset
        bench = again.bench
        assert bench.io_threads == io_threads
        assert bench.cpu_affinity == (affinity if isinstance(affinity, str) else tuple(affinity))
        assert [one.wait for one in bench.listeners["pub"]] == waits
        assert msgspec.convert(msgspec.to_builtins(again), Preset) == again

    @pytest.mark.parametrize("name", ["missing/preset.json", "folder", "a\0b", "x" * 300])
    def test_a_failed_save_gives_the_reason(self, tmp_path: Path, name: str) -> None:
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
