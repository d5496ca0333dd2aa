"""What became of the records of each source: counts of the result and notes, computed and from real runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench_app.engine.result import SourceResult, to_json
from bench_app.engine.source_account import REASON_TEXTS, source_notes, source_results
from bench_app.engine.state import HandlerState
from bench_app.engine.worker import handler_unit
from bench_app.measure.clock import NS_PER_S
from bench_app.measure.ledger import HandlerCounts
from bench_app.measure.source_counts import SourceCounts
from bench_app.model import ConstantLoad, ReplaySource
from bench_app.sources.record import SkipReason
from tests.engine.units import a_roster, latencies
from tests.engine.worker.handler_bench import HandlerEnd, handler_order
from tests.runs import Run, preset, run

pytestmark = pytest.mark.usefixtures("single_worker")

READ = SourceCounts(is_read_through=True)


def replay(folder: Path, content: str, **source: Any) -> dict[str, Any]:
    (folder / "e.jsonl").write_text(content)
    return {"kind": "replay", "path": str(folder / "e.jsonl"), "load": {"shape": "constant", "rate": 500}, **source}


def recorded(folder: Path, *times: Any, **source: Any) -> dict[str, Any]:
    content = "".join(json.dumps({"ts": time}) + "\n" for time in times)
    return replay(folder, content, time_field="ts", load={"shape": "recorded"}, **source)


def handlers(folder: Path, count: int, source: SourceCounts, offered: int = 10) -> list[HandlerState]:
    """Finished handlers of one sink that replays a file."""
    raw = preset({"socket_type": "PUSH"}, source=replay(folder, '{"a":1}\n'))
    one = raw["output"]["handlers"].pop("h")
    raw["output"]["handlers"] = {f"h{number}": one for number in range(count)}
    raw["bench"]["handlers"] = {}
    counters = folder / "counters" / str(count)
    counters.mkdir(parents=True)
    made = list(a_roster(counters, raw).handlers.values())
    for handler in made:
        handler.endpoint, handler.finished = "tcp://127.0.0.1:1", True
        handler.counts = HandlerCounts(offered=offered, accepted=offered)
        handler.source = source
    return made


def only_sink(finished: Run) -> SourceResult:
    (source,) = finished.result.sources.values()
    return source


def test_every_reason_has_a_text() -> None:
    assert set(REASON_TEXTS) == {str(reason) for reason in SkipReason}


def test_the_counts_of_a_sink_are_sums_over_its_handlers(tmp_path: Path) -> None:
    source = SourceCounts(skipped={"not_json": 2}, clamped=1, not_reached=5, is_read_through=True, ended_early=True)
    assert source_results(handlers(tmp_path, 3, source)) == {
        "events": SourceResult(offered=30, skipped={"not_json": 6}, clamped=3, not_reached=15, ended_early=True)
    }


def test_one_handler_that_did_not_read_on_leaves_the_sum_unknown(tmp_path: Path) -> None:
    made = handlers(tmp_path, 2, READ)
    made[1].source = SourceCounts(not_reached=4)
    assert source_results(made)["events"].not_reached is None
    assert source_notes(made, 0) == [
        "h1: at least 4 records of its file were not reached; the file was not read to its end"
    ]


def test_handlers_with_the_same_note_share_it(tmp_path: Path) -> None:
    source = SourceCounts(skipped={"not_utf8": 1}, is_read_through=True)
    assert source_notes(handlers(tmp_path, 2, source), 0) == ["h0, h1: 1 record of its file was skipped (1 not UTF-8)"]
    assert source_notes(handlers(tmp_path, 4, source), 0) == [
        "4 handlers: 1 record of its file was skipped (1 not UTF-8)"
    ]


def test_a_source_that_gave_all_has_no_note(tmp_path: Path) -> None:
    assert source_notes(handlers(tmp_path, 1, READ), 0) == []


def test_events_that_were_measured_are_no_warm_up(tmp_path: Path) -> None:
    (handler,) = handlers(tmp_path, 1, READ)
    handler.lateness.merge(latencies(5))
    assert source_notes([handler], 1.0) == []


def test_a_handler_that_failed_has_no_note(tmp_path: Path) -> None:
    (handler,) = handlers(tmp_path, 1, READ, offered=0)
    assert source_notes([handler], 0) == ["h0: no event was offered"]
    handler.failed = "cannot bind"
    assert source_notes([handler], 0) == []


@pytest.mark.parametrize(
    "load",
    [{"shape": "poisson", "rate": 0.01}, {"shape": "steps", "rates": [0, 100], "each_s": 5}],
    ids=lambda load: load["shape"],
)
def test_a_run_in_which_nothing_was_due_has_a_note(load: dict[str, Any]) -> None:
    finished = run(preset({"socket_type": "PUSH"}, source={"kind": "synthetic", "load": load}))
    assert only_sink(finished) == SourceResult(offered=0, skipped={}, clamped=0, not_reached=0, ended_early=False)
    assert "h: no event was offered: none was due in the run" in finished.result.notes
    assert msgspec.json.decode(to_json(finished.result))["sources"]["events"]["offered"] == 0


def test_a_run_that_was_all_warm_up_has_a_note() -> None:
    finished = run(preset({"socket_type": "PUSH"}, rate=5, warmup_s=0.49))
    assert only_sink(finished).offered == 3
    assert "h: all 3 events were due in the warm-up of 0.49 s, so no latency was measured" in finished.result.notes


def test_a_time_far_ahead_does_not_stop_the_later_records(tmp_path: Path) -> None:
    times = [1_700_000_000_000 + 10 * number + (65_536_000 if number == 10 else 0) for number in range(20)]
    finished = run(preset({"socket_type": "PUSH"}, source=recorded(tmp_path, *times)))
    assert only_sink(finished) == SourceResult(offered=20, skipped={}, clamped=1, not_reached=0, ended_early=True)
    assert (
        "h: 1 record of its file was due at the time of a neighbour: the recorded time does not fit those before and "
        "after it" in finished.result.notes
    )


def test_times_that_cannot_be_read_are_skipped_and_the_source_ends_early(tmp_path: Path) -> None:
    times = [1_700_000_000_000, *(10**30 + number for number in range(19))]
    finished = run(preset({"socket_type": "PUSH"}, source=recorded(tmp_path, *times), duration_s=2))
    assert only_sink(finished) == SourceResult(
        offered=1, skipped={"unreadable_time": 19}, clamped=0, not_reached=0, ended_early=True
    )
    assert finished.result.notes[:2] == [
        "h: 19 records of its file were skipped (19 with a time that cannot be read)",
        "h: its file ended before the run",
    ]


def test_a_file_whose_records_are_all_skipped_counts_them(tmp_path: Path) -> None:
    times = [10**30 + number for number in range(19)]
    finished = run(preset({"socket_type": "PUSH"}, source=recorded(tmp_path, *times)))
    assert finished.result.verdict == "invalid"
    assert only_sink(finished) == SourceResult(
        offered=0, skipped={"unreadable_time": 19}, clamped=0, not_reached=None, ended_early=False
    )


def test_a_clock_that_was_set_and_gaps_that_were_cut_have_notes(tmp_path: Path) -> None:
    source = SourceCounts(clock_jumps=1, gaps_cut=2, is_read_through=True)
    made = handlers(tmp_path, 2, source)
    result = source_results(made)["events"]
    assert (result.clock_jumps, result.gaps_cut) == (2, 4)
    assert source_notes(made, 0)[:2] == [
        "h0, h1: the clock of its recording was set once: the events go on with the distances after it",
        "h0, h1: 2 gaps of its recording were cut to max_gap_s",
    ]


def test_two_handlers_of_a_sink_account_for_the_file_twice(tmp_path: Path) -> None:
    raw = preset({"socket_type": "PUSH"}, source=replay(tmp_path, ('{"a":1}\n' * 9 + "x\n") * 1_000))
    raw["output"]["handlers"]["other"] = raw["output"]["handlers"]["h"]
    source = only_sink(run(raw))
    assert source.not_reached is not None
    assert source.offered + sum(source.skipped.values()) + source.not_reached == 2 * 10_000
    assert (source.offered, source.skipped) == (500, {"not_json": 2_000})


def test_a_file_that_is_too_large_to_be_counted_is_told_as_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handler_unit, "COUNT_LIMIT_NS", 0)
    source = run_source(tmp_path, 50_000)
    assert not source.is_read_through
    assert 0 < source.not_reached < 50_000


def test_the_rest_of_a_file_is_counted_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # On a busy machine, counting takes as long as it takes.
    monkeypatch.setattr(handler_unit, "COUNT_LIMIT_NS", 60 * NS_PER_S)
    source = run_source(tmp_path, 20_000)
    assert source.is_read_through
    assert source.not_reached == 20_000 - 100


def run_source(folder: Path, records: int) -> SourceCounts:
    """The last report about the source of a handler that offers 100 events of a file."""
    (folder / "e.jsonl").write_text('{"a":1}\n' * records)
    spec = ReplaySource(path="e.jsonl", load=ConstantLoad(rate=100))
    with HandlerEnd(handler_order(folder, source=spec)) as end:
        end.connected_partner()
        end.start_run()
        end.source_ended()
        return end.finish().source
