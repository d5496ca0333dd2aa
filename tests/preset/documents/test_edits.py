"""Values set in a document are checked together, and the rest of the document stays."""

from __future__ import annotations

import copy
import math
from typing import Any

import pytest

from bench_app.errors import InputError, PresetError
from bench_app.model import BenchSpec, ConstantLoad, ListenerSpec, MaxLoad
from bench_app.preset import documents
from bench_app.preset.defaults import listeners_of, sources_of
from bench_app.preset.documents import parse
from tests.preset.presets import pub_preset


class TestReplace:
    def test_sets_one_value_and_keeps_the_rest(self) -> None:
        document = parse(pub_preset(unknown=1), "test")
        before = copy.deepcopy(document.raw)
        changed = documents.replace(document, "output.handlers.pub.config.high_water_mark", 5)
        assert changed.preset.output.handlers["pub"].config.high_water_mark == 5
        assert changed.raw["bench"] == {"unknown": 1}
        assert document.raw == before
        assert (changed.name, changed.path, changed.base_dir) == (document.name, document.path, document.base_dir)

    def test_refuses_a_value_that_makes_the_preset_faulty(self) -> None:
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

    def test_a_value_for_listeners_that_the_preset_leaves_out(self) -> None:
        changed = documents.replace(parse(pub_preset(), "test"), "bench.listeners.pub[0].delay_ms", 2)
        assert listeners_of(changed.preset, "pub") == (ListenerSpec(name="sub-1", topics=("a",), delay_ms=2),)

    def test_a_value_may_be_a_spec(self) -> None:
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
