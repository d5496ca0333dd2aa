"""The archive returns the records that were added, and a crash does not damage it."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import zlib
from pathlib import Path

import msgspec
import pytest

from bench_app.archive import Archive
from bench_app.archive import archive as archive_module
from bench_app.engine.events import EventKind, RunEvent
from bench_app.engine.unit_key import HistogramKey, UnitKey
from bench_app.errors import ArchiveError
from bench_app.measure.histogram import Histogram
from tests.archive.runs import a_handler, a_record, execute, ids, now, some_settings

CLOSED = "the bench ended during this run; only the settings of the run were kept"

ROOT = Path(__file__).parents[2]


def killed_pid() -> int:
    """The number of a process that has ended."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_a_missing_archive_is_empty_and_not_created_by_reading(archive: Archive) -> None:
    assert archive.summaries() == []
    assert archive.baseline() is None
    assert not archive.file.exists()


def test_a_record_is_unchanged_after_a_restart(archive: Archive) -> None:
    record = a_record()
    run = archive.add(record, title="Fan-out")
    again = Archive(archive.file)
    assert again.load(run) == record
    assert again.settings(run) == record.settings
    histogram = Histogram()
    histogram.merge(again.load(run).histograms[HistogramKey(UnitKey("pub", "left"), "service")])
    assert (histogram.count, histogram.max_ns) == (3, 5_000_000)


def test_begin_and_finish_add_a_run_as_add_does(archive: Archive) -> None:
    record = a_record()
    run = archive.begin(record.settings, "Fan-out", record.result.started_at)
    archive.finish(run, record, interrupted=False)
    added = archive.add(record, title="Fan-out")
    second, first = archive.summaries()
    assert (second.id, first.id) == (added, run)
    assert msgspec.structs.replace(second, id=run) == first
    assert archive.load(run) == archive.load(added) == record


def test_a_summary_has_the_sums_of_all_handlers_and_every_cause_of_loss(archive: Archive) -> None:
    archive.add(a_record(pub=a_handler(left=40, right=50), req=a_handler("REQ", rep=999)), name="mine", title="Both")
    (summary,) = archive.summaries()
    assert (summary.name, summary.preset, summary.title) == ("mine", "pub.json", "Both")
    assert (summary.offered, summary.received) == (200, 40 + 50 + 70)
    # Each handler lost events by five causes, and each of the three listeners missed a message before it joined.
    assert summary.dropped == 2 * (1 + 2 + 4 + 8 + 16) + 3
    assert (summary.verdict, summary.duration_s, summary.balanced, summary.complete) == ("pass", 10.5, True, True)
    assert not summary.interrupted
    assert not summary.is_baseline


def test_a_summary_has_the_figures_by_which_runs_are_compared_and_a_note(archive: Archive) -> None:
    run = archive.add(a_record(pub=a_handler(left=40)))
    archive.set_note(run, "before the new switch")
    (summary,) = archive.summaries()
    assert summary.note == "before the new switch"
    assert (summary.figures.p50_us, summary.figures.p99_us) == (10.0, 30.0)
    archive.undelete(archive.delete([run]))
    assert archive.summaries() == [summary]
    with pytest.raises(ArchiveError, match="no longer in"):
        archive.set_note(run + 1, "x")


def test_the_newest_run_is_first_and_an_interrupted_run_is_marked(archive: Archive) -> None:
    first, second = archive.add(a_record()), archive.add(a_record(), interrupted=True)
    assert ids(archive) == [second, first]
    assert [summary.interrupted for summary in archive.summaries()] == [True, False]


def test_a_run_under_way_is_shown_as_running(archive: Archive) -> None:
    run = archive.begin(some_settings(), "t", now())
    (summary,) = archive.summaries()
    assert (summary.verdict, summary.interrupted, summary.complete) == ("running", False, False)
    assert archive.settings(run) == some_settings()
    with pytest.raises(ArchiveError, match="this run has not ended yet"):
        archive.load(run)


def test_a_run_whose_process_is_gone_is_interrupted_and_keeps_its_settings(archive: Archive) -> None:
    run = archive.begin(some_settings(), "t", now())
    execute(archive.file, "UPDATE run SET pid = ?", killed_pid())
    (summary,) = archive.summaries()
    assert (summary.verdict, summary.interrupted, summary.complete) == ("interrupted", True, False)
    assert archive.settings(run) == some_settings()
    with pytest.raises(ArchiveError) as caught:
        archive.load(run)
    assert str(caught.value) == CLOSED


def test_a_run_with_our_process_number_that_we_did_not_begin_is_interrupted(archive: Archive) -> None:
    run = archive.begin(some_settings(), "t", now())
    # This happens in a container, where each start has the process number of the start before.
    archive.give_up(run)
    assert archive.summaries()[0].verdict == "interrupted"
    assert len(archive.delete([run])) == 1


def test_a_run_whose_record_could_not_be_written_has_ended(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    run = archive.begin(some_settings(), "t", now())
    with monkeypatch.context() as patched:
        patched.setattr(archive, "_finish", lambda *_: (_ for _ in ()).throw(ArchiveError("the disk is full")))
        with pytest.raises(ArchiveError, match="full"):
            archive.finish(run, a_record(), interrupted=False)
    assert archive.summaries()[0].verdict == "interrupted"
    assert len(archive.delete([run])) == 1


def test_a_note_is_added_to_a_run_at_its_place_in_time(archive: Archive) -> None:
    run = archive.add(a_record())
    before = archive.load(run)
    archive.add_event(run, RunEvent(0.0, "note", "fan off", marker=True, kind=EventKind.NOTE))
    archive.add_event(run, RunEvent(1e6, "note", "fan on", marker=True, kind=EventKind.NOTE))
    after = archive.load(run)
    assert after.events[-1].message == "fan on" and len(after.events) == len(before.events) + 2
    assert [event.at_s for event in after.events] == sorted(event.at_s for event in after.events)
    assert after.result == before.result and after.history == before.history


def test_a_completed_result_replaces_the_one_of_its_run(archive: Archive) -> None:
    record = a_record()
    run = archive.add(record, interrupted=True)
    name, handler = next(iter(record.result.handlers.items()))
    completed = msgspec.structs.replace(handler, lost=handler.lost + 5)
    result = msgspec.structs.replace(record.result, handlers=record.result.handlers | {name: completed})
    (before,) = archive.summaries()
    archive.replace_result(run, result)
    (after,) = archive.summaries()
    assert after == msgspec.structs.replace(before, dropped=before.dropped + 5)
    assert archive.load(run) == msgspec.structs.replace(record, result=result)


def test_a_run_can_be_renamed(archive: Archive) -> None:
    run = archive.add(a_record())
    archive.rename(run, "before the change")
    assert archive.summaries()[0].name == "before the change"


def test_a_missing_run_is_an_error_and_nothing_changes(archive: Archive) -> None:
    run = archive.add(a_record())
    archive.set_baseline(run)
    gone = run + 1
    for act in (
        lambda: archive.rename(gone, "x"),
        lambda: archive.finish(gone, a_record(), interrupted=False),
        lambda: archive.set_baseline(gone),
        lambda: archive.load(gone),
        lambda: archive.settings(gone),
    ):
        with pytest.raises(ArchiveError) as caught:
            act()
        assert str(caught.value) == f"run {gone} is no longer in {archive.file}"
    assert archive.baseline() == run
    assert ids(archive) == [run]


def test_deleted_runs_come_back_with_their_ids_their_names_and_the_baseline(archive: Archive) -> None:
    runs = [archive.add(a_record(), name=name) for name in "abc"]
    archive.set_baseline(runs[0])
    before = archive.summaries()
    rows = archive.delete(runs[:2])
    assert ids(archive) == [runs[2]]
    assert archive.baseline() is None
    newer = archive.add(a_record())
    assert newer not in runs
    archive.undelete(rows)
    archive.undelete(rows)
    assert archive.summaries()[1:] == before
    assert archive.load(runs[1]).settings == some_settings()


def test_a_baseline_chosen_since_stays_the_only_baseline(archive: Archive) -> None:
    old, new = archive.add(a_record()), archive.add(a_record())
    archive.set_baseline(old)
    rows = archive.delete([old])
    archive.set_baseline(new)
    archive.undelete(rows)
    assert [summary.id for summary in archive.summaries() if summary.is_baseline] == [new]


def test_deleting_no_runs_is_not_an_error(archive: Archive) -> None:
    assert archive.delete([]) == []
    archive.undelete([])


def test_at_most_one_run_with_a_record_is_the_baseline(archive: Archive) -> None:
    first, second = archive.add(a_record()), archive.add(a_record())
    archive.set_baseline(first)
    archive.set_baseline(second)
    assert archive.baseline() == second
    with pytest.raises(ArchiveError, match="not ended"):
        archive.set_baseline(archive.begin(some_settings(), "t", now()))
    assert archive.baseline() == second
    archive.set_baseline(None)
    assert archive.baseline() is None


def test_the_oldest_runs_are_deleted_but_never_the_baseline(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "KEPT_RUNS", 3)
    baseline = archive.add(a_record())
    archive.set_baseline(baseline)
    later = [archive.add(a_record()) for _ in range(5)]
    assert ids(archive) == [later[4], later[3], baseline]
    archive.set_baseline(None)
    last = archive.begin(some_settings(), "t", now())
    assert ids(archive) == [last, later[4], later[3]]


def test_five_hundred_runs_are_kept() -> None:
    assert archive_module.KEPT_RUNS == 500


CHILD = """
import sys
from pathlib import Path
from tests.archive.runs import a_record, some_settings, now
from bench_app.archive import Archive
archive = Archive(Path(sys.argv[1]))
while True:
    run = archive.begin(some_settings(), "t", now())
    print(run, "begun", flush=True)
    archive.finish(run, a_record(), interrupted=False)
    print(run, "kept", flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL")
def test_a_kill_while_adding_keeps_all_earlier_runs(archive: Archive) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(archive.file)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    said = [child.stdout.readline() for _ in range(31)]
    child.send_signal(signal.SIGKILL)
    said += child.stdout.readlines()
    child.stdout.close()
    child.wait()
    kept = [int(line.split()[0]) for line in said if line.endswith("kept\n")]
    assert len(kept) >= 15
    for run in kept:
        assert archive.load(run).settings == some_settings()
    by_id = {summary.id: summary for summary in archive.summaries()}
    assert set(kept) <= set(by_id)
    assert {by_id[run].verdict for run in by_id if not by_id[run].complete} <= {"interrupted"}
    db = sqlite3.connect(archive.file)
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    db.close()
    assert archive.add(a_record()) > max(kept)


@pytest.mark.parametrize("blob", [b"not compressed", zlib.compress(b"\xc1"), zlib.compress(b"\x80")])
def test_one_damaged_record_does_not_hide_the_others(archive: Archive, blob: bytes) -> None:
    bad, good = archive.add(a_record()), archive.add(a_record())
    execute(archive.file, "UPDATE run SET record = ? WHERE id = ?", blob, bad)
    with pytest.raises(ArchiveError, match=rf"^run {bad} in .*runs\.sqlite is damaged: "):
        archive.load(bad)
    assert archive.load(good).settings == some_settings()
    assert ids(archive) == [good, bad]


def test_a_work_of_the_lab_is_a_line_with_note_and_tags_but_no_run(archive: Archive) -> None:
    run = archive.add(a_record())
    work = archive.put_work("sweep-1", some_settings(), "Sweep size", now(), "running")
    archive.set_tags(work, ("night",))
    archive.set_note(work, "before the update")
    with pytest.raises(ArchiveError, match="has not ended yet"):
        archive.delete([work])
    assert archive.put_work("sweep-1", some_settings(), "Sweep size", now(), "done") == work
    line = archive.summaries()[0]
    assert (line.id, line.work, line.verdict, line.complete) == (work, "sweep-1", "done", False)
    assert (line.name, line.tags, line.note) == ("Sweep size", ("night",), "before the update")
    assert archive.settings(work) == some_settings()
    with pytest.raises(ArchiveError, match="a work of the lab, not a run"):
        archive.load(work)
    archive.undelete(archive.delete([work]))
    assert [one.work for one in archive.summaries()] == ["sweep-1", ""]
    assert ids(archive) == [work, run]


def test_a_work_whose_window_is_gone_was_interrupted(archive: Archive) -> None:
    work = archive.put_work("find-1", some_settings(), "What does it carry?", now(), "running")
    assert Archive(archive.file).summaries()[0].verdict == "interrupted"
    assert archive.put_work("find-1", some_settings(), "What does it carry?", now(), "running") == work
    assert archive.summaries()[0].verdict == "running"
