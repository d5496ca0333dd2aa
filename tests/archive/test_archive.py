"""The archive: what goes in comes out, a crash leaves it whole, and every failure is one sentence with the file."""

from __future__ import annotations

import csv
import io
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench_app import archive as archive_module
from bench_app.archive import Archive, RunRecord, Settings, history_csv, result_csv
from bench_app.engine.events import RunEvent
from bench_app.engine.result import HandlerResult, LatencySummary, ListenerResult, Machine, RunResult
from bench_app.errors import ArchiveError
from bench_app.measure.histogram import Histogram, HistogramDelta
from bench_app.measure.recorder import Recorder

ROOT = Path(__file__).parents[2]
NO_LATENCY = LatencySummary(0, 0, 0, 0, 0, 0, 0, 0)
LATENCY = LatencySummary(90, 12.5, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0)
CLOSED = "the bench ended before this run did; only its settings were kept"
LONG_AGO = "2001-01-01T00:00:00+00:00"


def now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


def a_listener(received: int) -> ListenerResult:
    return ListenerResult(
        received=received,
        lost=3,
        before_join=1,
        duplicates=0,
        reordered=0,
        foreign=0,
        malformed=0,
        rate=9.0,
        service_us=LATENCY,
        response_us=LATENCY,
    )


def a_handler(socket_type: str = "PUB", **listeners: int) -> HandlerResult:
    return HandlerResult(
        socket_type=socket_type,
        endpoint="tcp://127.0.0.1:5555",
        offered=100,
        queue_overflow=1,
        send_timeout=2,
        aborted=4,
        accepted=93,
        bytes=9300,
        replied=70,
        request_timeout=8,
        retries=5,
        lost=16,
        seconds=10.0,
        rate=9.3,
        balanced=True,
        lateness_us=LATENCY,
        round_trip_us=LATENCY if socket_type == "REQ" else None,
        listeners={name: a_listener(received) for name, received in listeners.items()},
    )


def a_result(**handlers: HandlerResult) -> RunResult:
    return RunResult(
        preset="pub.json",
        started_at=now(),
        duration_s=10.5,
        verdict="pass",
        reasons=[],
        balanced=True,
        handlers=handlers or {"pub": a_handler(left=40, right=50)},
        checks=[],
        machine=Machine(cpus=2, python="3.11", pyzmq="27", libzmq="4.3.5"),
    )


def some_settings(name: str = "pub.json") -> Settings:
    return Settings(preset={"bench": {"title": "Fan-out", "n": [1, None, 2.5]}}, preset_name=name, base_dir="/presets")


def a_record(**handlers: HandlerResult) -> RunRecord:
    recorder = Recorder()
    recorder.add(np.array([10, 20, 5_000_000], np.int64))
    times = np.array([0.0, 0.2], "<f8")
    return RunRecord(
        settings=some_settings(),
        result=a_result(**handlers),
        events=(RunEvent(1.5, "pub", "a listener joined", True),),
        history={"pub": {"at_s": times.tobytes(), "offered": np.array([0.0, 50.0], "<f8").tobytes()}},
        histograms={"pub/left/service": recorder.take()},
    )


def killed_pid() -> int:
    """A process number that was in use and is no longer."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def execute(file: Path, statement: str, *values: Any) -> None:
    db = sqlite3.connect(file)
    with db:
        db.execute(statement, values)
    db.close()


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "kept" / "runs.sqlite")


def ids(archive: Archive) -> list[int]:
    return [summary.id for summary in archive.summaries()]


def test_an_archive_that_is_not_there_is_empty_and_not_created_by_reading(archive: Archive) -> None:
    assert archive.summaries() == []
    assert archive.baseline() is None
    assert not archive.file.exists()


def test_a_record_comes_back_as_it_was_after_a_restart(archive: Archive) -> None:
    record = a_record()
    run = archive.add(record, title="Fan-out")
    again = Archive(archive.file)
    assert again.load(run) == record
    assert again.settings(run) == record.settings
    histogram = Histogram()
    histogram.merge(again.load(run).histograms["pub/left/service"])
    assert (histogram.count, histogram.max_ns) == (3, 5_000_000)


def test_events_of_a_former_version_are_read_and_new_ones_have_the_same_keys(archive: Archive) -> None:
    former = {"at_s": 1.5, "source": "pub", "sentence": "its worker ended", "marker": True, "trouble": True}
    run = archive.add(a_record())
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(archive.load(run)))
    assert former.keys() <= kept["events"][0].keys()
    kept["events"] = [former]
    record = zlib.compress(msgspec.msgpack.encode(kept))
    execute(archive.file, "UPDATE run SET record = ? WHERE id = ?", record, run)
    (event,) = archive.load(run).events
    assert event == RunEvent(1.5, "pub", "its worker ended", marker=True, is_error=True)


def test_a_handler_of_a_former_version_gets_the_seconds_that_its_rate_tells(archive: Archive) -> None:
    whole, late = a_handler(left=1), msgspec.structs.replace(a_handler(left=1), accepted=930, rate=200.0)
    run = archive.add(a_record(whole=msgspec.structs.replace(whole, rate=round(93 / 10.5, 1)), late=late))
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(archive.load(run)))
    for handler in kept["result"]["handlers"].values():
        del handler["seconds"]
    record = zlib.compress(msgspec.msgpack.encode(kept))
    execute(archive.file, "UPDATE run SET record = ? WHERE id = ?", record, run)
    handlers = archive.load(run).result.handlers
    assert (handlers["whole"].seconds, handlers["late"].seconds) == (10.5, 4.65)


def test_begin_and_finish_make_the_same_of_a_run_as_add(archive: Archive) -> None:
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
    # Both handlers have five causes of their own, and each of the three listeners missed a message before it joined.
    assert summary.dropped == 2 * (1 + 2 + 4 + 8 + 16) + 3
    assert (summary.verdict, summary.duration_s, summary.balanced, summary.complete) == ("pass", 10.5, True, True)
    assert not summary.interrupted
    assert not summary.is_baseline


def test_the_newest_is_first_and_an_interrupted_run_says_so(archive: Archive) -> None:
    first, second = archive.add(a_record()), archive.add(a_record(), interrupted=True)
    assert ids(archive) == [second, first]
    assert [summary.interrupted for summary in archive.summaries()] == [True, False]


def test_a_run_that_goes_on_is_shown_as_running(archive: Archive) -> None:
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


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only /proc tells when a process was started")
def test_a_process_that_got_the_number_later_does_not_count_as_the_one_of_the_run(archive: Archive) -> None:
    archive.begin(some_settings(), "t", LONG_AGO)
    execute(archive.file, "UPDATE run SET pid = ?", os.getppid())
    assert archive.summaries()[0].verdict == "interrupted"


def test_a_run_with_our_number_that_we_did_not_begin_is_over(archive: Archive) -> None:
    run = archive.begin(some_settings(), "t", now())
    # As at every start in a container, where each process has the number of the one before.
    archive.give_up(run)
    assert archive.summaries()[0].verdict == "interrupted"
    assert len(archive.delete([run])) == 1


def test_a_run_that_could_not_be_kept_is_over_all_the_same(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    run = archive.begin(some_settings(), "t", now())
    with monkeypatch.context() as patched:
        patched.setattr(archive, "_finish", lambda *_: (_ for _ in ()).throw(ArchiveError("the disk is full")))
        with pytest.raises(ArchiveError, match="full"):
            archive.finish(run, a_record(), interrupted=False)
    assert archive.summaries()[0].verdict == "interrupted"
    assert len(archive.delete([run])) == 1


def test_a_start_that_cannot_be_read_leaves_only_the_process_number_to_go_by(archive: Archive) -> None:
    archive.begin(some_settings(), "t", "yesterday")
    execute(archive.file, "UPDATE run SET pid = ?", os.getppid())
    assert archive.summaries()[0].verdict == "running"


def test_no_process_is_ever_signalled_where_signal_0_would_end_it(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.begin(some_settings(), "t", now())
    execute(archive.file, "UPDATE run SET pid = ?", os.getppid())
    assert archive.summaries()[0].verdict == "running"

    class Windows:
        name = "nt"
        getpid = staticmethod(os.getpid)

        @staticmethod
        def kill(_pid: int, _signal: int) -> None:
            raise AssertionError

    monkeypatch.setattr(archive_module, "os", Windows)
    assert archive.summaries()[0].verdict == "interrupted"


def test_a_run_can_be_renamed(archive: Archive) -> None:
    run = archive.add(a_record())
    archive.rename(run, "before the change")
    assert archive.summaries()[0].name == "before the change"


def test_what_is_gone_is_told_and_nothing_is_changed(archive: Archive) -> None:
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


def test_a_baseline_chosen_since_stays_the_only_one(archive: Archive) -> None:
    old, new = archive.add(a_record()), archive.add(a_record())
    archive.set_baseline(old)
    rows = archive.delete([old])
    archive.set_baseline(new)
    archive.undelete(rows)
    assert [summary.id for summary in archive.summaries() if summary.is_baseline] == [new]


def test_nothing_to_delete_is_no_error(archive: Archive) -> None:
    assert archive.delete([]) == []
    archive.undelete([])


def test_one_baseline_at_most_and_only_a_whole_run(archive: Archive) -> None:
    first, second = archive.add(a_record()), archive.add(a_record())
    archive.set_baseline(first)
    archive.set_baseline(second)
    assert archive.baseline() == second
    with pytest.raises(ArchiveError, match="not ended"):
        archive.set_baseline(archive.begin(some_settings(), "t", now()))
    assert archive.baseline() == second
    archive.set_baseline(None)
    assert archive.baseline() is None


def test_the_oldest_go_but_never_the_baseline(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_many_may_create_it_and_write_at_the_same_time(tmp_path: Path) -> None:
    told: list[str] = []
    for attempt in range(10):
        archive = Archive(tmp_path / f"{attempt}.sqlite")
        together = threading.Barrier(6)

        def write(archive: Archive = archive, together: threading.Barrier = together) -> None:
            together.wait()
            try:
                archive.add(a_record())
            except ArchiveError as error:
                told.append(str(error))

        threads = [threading.Thread(target=write) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(ids(archive)) == 6 - len(told)
    assert told == []


CHILD = """
import sys
from pathlib import Path
from tests.archive.test_archive import a_record, some_settings, now
from bench_app.archive import Archive
archive = Archive(Path(sys.argv[1]))
while True:
    run = archive.begin(some_settings(), "t", now())
    print(run, "begun", flush=True)
    archive.finish(run, a_record(), interrupted=False)
    print(run, "kept", flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL")
def test_a_kill_in_the_middle_of_adding_leaves_everything_that_was_kept(archive: Archive) -> None:
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


def every_call(archive: Archive) -> list[Callable[[], object]]:
    return [
        archive.summaries,
        archive.baseline,
        lambda: archive.load(1),
        lambda: archive.add(a_record()),
        lambda: archive.begin(some_settings(), "t", now()),
        lambda: archive.rename(1, "x"),
        lambda: archive.delete([1]),
        lambda: archive.set_baseline(None),
    ]


def test_a_newer_version_is_refused_and_left_alone(archive: Archive) -> None:
    archive.add(a_record())
    execute(archive.file, f"PRAGMA user_version = {archive_module.SCHEMA + 1}")
    before = archive.file.read_bytes()
    for call in every_call(archive):
        with pytest.raises(ArchiveError) as caught:
            call()
        assert str(caught.value) == f"the runs in {archive.file} were written by a newer version of the bench"
    assert archive.file.read_bytes() == before


@pytest.mark.parametrize("damage", ["not a database", "its beginning", "its tables"])
def test_a_damaged_file_is_told_and_never_overwritten(archive: Archive, damage: str) -> None:
    archive.add(a_record())
    whole = archive.file.read_bytes()
    damaged = {
        "not a database": b"these are my notes\n" * 100,
        "its beginning": b"\xff" * 100 + whole[100:],
        # Page 1 keeps its header, and so its version; what it says of the tables is gone.
        "its tables": whole[:100] + b"\xff" * (len(whole) - 100),
    }[damage]
    archive.file.write_bytes(damaged)
    for call in every_call(archive):
        with pytest.raises(ArchiveError) as caught:
            call()
        assert str(caught.value).startswith(f"{archive.file} is damaged and was left as it is")
    assert archive.file.read_bytes() == damaged


@pytest.mark.parametrize(
    "blob", [b"not compressed", archive_module.zlib.compress(b"\xc1"), archive_module.zlib.compress(b"\x80")]
)
def test_one_damaged_record_does_not_hide_the_others(archive: Archive, blob: bytes) -> None:
    bad, good = archive.add(a_record()), archive.add(a_record())
    execute(archive.file, "UPDATE run SET record = ? WHERE id = ?", blob, bad)
    with pytest.raises(ArchiveError, match=rf"^run {bad} in .*runs\.sqlite is damaged: "):
        archive.load(bad)
    assert archive.load(good).settings == some_settings()
    assert ids(archive) == [good, bad]


def test_a_full_disk_is_told_and_nothing_is_half_written(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    run = archive.add(a_record())
    connect = sqlite3.connect

    def without_room(*args: Any, **options: Any) -> sqlite3.Connection:
        db = connect(*args, **options)
        db.execute("PRAGMA max_page_count = 1")
        return db

    noise = os.urandom(200_000)
    big = msgspec.structs.replace(a_record(), history={"pub": {"at_s": noise}})
    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "connect", without_room)
        with pytest.raises(ArchiveError) as caught:
            archive.add(big)
    assert str(caught.value) == f"the disk is full: the runs in {archive.file} stay as they were"
    assert ids(archive) == [run]


def test_another_that_writes_for_long_is_told(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.add(a_record())
    monkeypatch.setattr(archive_module, "BUSY_S", 0.05)
    other = sqlite3.connect(archive.file)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(ArchiveError, match="are in use by another bench"):
        archive.rename(1, "x")
    assert len(archive.summaries()) == 1
    other.rollback()
    other.close()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_told(archive: Archive) -> None:
    archive.file.parent.mkdir()
    archive.file.parent.chmod(0o500)
    try:
        with pytest.raises(ArchiveError) as caught:
            archive.add(a_record())
    finally:
        archive.file.parent.chmod(0o700)
    assert str(caught.value) == f"the runs in {archive.file} cannot be written: the file or its folder is not writable"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    archive = Archive(tmp_path / "file" / "runs.sqlite")
    with pytest.raises(ArchiveError, match=r"the runs in .*runs\.sqlite cannot be used: "):
        archive.add(a_record())


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="cannot be written"):
        Archive(tmp_path).add(a_record())


def test_result_csv_has_a_row_for_each_handler_and_listener_with_every_figure() -> None:
    handlers = {"pub": a_handler(left=40, right=50), "req": a_handler("REQ", rep=70)}
    rows = list(csv.DictReader(io.StringIO(result_csv(a_result(**handlers)))))
    assert [(row["handler"], row["listener"]) for row in rows] == [
        ("pub", ""),
        ("pub", "left"),
        ("pub", "right"),
        ("req", ""),
        ("req", "rep"),
    ]
    nested = {"lateness_us", "round_trip_us", "service_us", "response_us"}
    figures = {*HandlerResult.__struct_fields__, *ListenerResult.__struct_fields__} - nested - {"listeners"}
    # Written only where nobody counted.
    figures -= {"arrivals_known"}
    figures |= {f"{name}.{figure}" for name in nested for figure in LatencySummary.__struct_fields__}
    assert set(rows[0]) == {"handler", "listener"} | figures
    assert (rows[0]["offered"], rows[0]["queue_overflow"], rows[0]["lateness_us.p99_9"]) == ("100", "1", "40.0")
    assert (rows[1]["received"], rows[1]["offered"], rows[1]["service_us.p50"]) == ("40", "", "10.0")
    assert (rows[0]["round_trip_us.max"], rows[3]["round_trip_us.max"]) == ("", "60.0")


def test_names_with_commas_and_quotes_survive_the_csv() -> None:
    name = 'a, "b"\nc'
    rows = list(csv.DictReader(io.StringIO(result_csv(a_result(**{name: a_handler(**{name: 1})})))))
    assert [(row["handler"], row["listener"]) for row in rows] == [(name, ""), (name, name)]


def test_history_csv_has_a_row_for_each_track_and_time_and_blanks_for_what_is_not_known() -> None:
    def column(*values: float) -> bytes:
        return np.array(values, "<f8").tobytes()

    record = RunRecord(
        settings=some_settings(),
        result=a_result(),
        history={
            "pub": {"at_s": column(0, 0.2), "offered": column(0, 12_345_678)},
            "pub/left": {"at_s": column(0, 0.2), "received": column(7), "p99": column(float("nan"), 1.5)},
        },
    )
    assert list(csv.reader(io.StringIO(history_csv(record)))) == [
        ["track", "at_s", "offered", "received", "p99"],
        ["pub", "0", "0", "", ""],
        ["pub", "0.2", "12345678", "", ""],
        ["pub/left", "0", "", "7", ""],
        ["pub/left", "0.2", "", "", "1.5"],
    ]


def test_a_run_without_history_has_an_empty_table() -> None:
    assert history_csv(RunRecord(settings=some_settings(), result=a_result())) == "track\n"
    assert result_csv(msgspec.structs.replace(a_result(), handlers={})).strip() == ""


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
COUNTS = st.integers(0, 2**62)
DELTAS = st.builds(HistogramDelta, st.binary(max_size=16), st.binary(max_size=16), COUNTS, COUNTS, COUNTS, COUNTS)
RECORDS = st.builds(
    RunRecord,
    settings=st.builds(
        Settings, preset=st.dictionaries(st.text(), PLAIN, max_size=4), preset_name=st.text(), base_dir=st.text()
    ),
    result=st.just(a_result()),
    events=st.lists(
        st.builds(RunEvent, st.floats(allow_nan=False), st.text(), st.text(), st.booleans()), max_size=3
    ).map(tuple),
    history=st.dictionaries(st.text(), st.dictionaries(st.text(), st.binary(max_size=32), max_size=3), max_size=3),
    histograms=st.dictionaries(st.text(), DELTAS, max_size=3),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(record=RECORDS, name=st.text(min_size=1))
def test_whatever_a_record_holds_comes_back(archive: Archive, record: RunRecord, name: str) -> None:
    run = archive.add(record, name=name)
    assert archive.load(run) == record
    assert archive.settings(run) == record.settings
    assert archive.summaries()[0].name == name
