from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bench_app.engine.result import GuiFigures
from bench_app.engine.run_once import run_once
from bench_app.engine.session import Phase, Session
from bench_app.engine.unit_key import HistogramKey, UnitKey
from bench_app.preset import documents
from bench_app.recording.message import read_line
from bench_app.recording.recorder import RecordingSummary, RecordOptions
from tests.runs import assert_balanced, preset, until

pytestmark = pytest.mark.usefixtures("single_worker")


def a_session(rate: float = 500, keep_series: bool = False) -> Session:
    document = documents.parse(preset({"socket_type": "PUSH"}, rate=rate, duration_s=0.4), "test")
    return Session(document, keep_series=keep_series)


def test_a_finished_run_has_everything_of_its_session() -> None:
    session = a_session(keep_series=True)
    finished = asyncio.run(run_once(session))
    assert_balanced(finished.result)
    assert finished.document is session.document and finished.started_at == session.started_at
    assert not finished.interrupted
    assert (
        finished.histograms[HistogramKey(UnitKey("h"), "lateness")].count
        == finished.result.handlers["h"].lateness_us.count
        > 0
    )
    assert set(finished.series) == {UnitKey("h"), UnitKey("h", "pull-1")}
    assert finished.handlers == (UnitKey("h"),)
    assert finished.events and finished.events == tuple(session.events)
    assert finished.result.handlers["h"].seconds == finished.result.duration_s > 0


def test_a_recorded_run_has_every_received_message_in_its_file(tmp_path: Path) -> None:
    raw = preset({"socket_type": "PUB", "topic": "a.b"}, rate=500, duration_s=0.4)
    session = Session(documents.parse(raw, "test"), record=RecordOptions(tmp_path / "a.jsonl"))
    finished = asyncio.run(run_once(session))
    assert_balanced(finished.result)
    lines = (tmp_path / "a.jsonl").read_bytes().splitlines()
    messages = [read_line(line) for line in lines]
    recording = finished.result.recording
    assert isinstance(recording, RecordingSummary)
    assert (recording.recorded, recording.not_recorded) == (len(lines), 0)
    assert len(lines) == finished.result.handlers["h"].listeners["sub-1"].received > 0
    assert {(message.source, message.topic) for message in messages} == {("h/sub-1", "a.b")}
    assert {len(message.frames) for message in messages} == {2}
    numbers = [message.frames[1][len(b'{"_bench":"1-RRRRRRRR-HHHH-') :][:16] for message in messages]
    assert [int(number, 16) for number in numbers] == list(range(1, len(lines) + 1))


def test_without_plots_there_is_no_series() -> None:
    assert asyncio.run(run_once(a_session())).series == {}


def test_the_figures_of_the_window_are_read_at_the_end_of_the_run() -> None:
    session, phases = a_session(), []

    def figures() -> GuiFigures:
        phases.append(session.phase)
        return GuiFigures(frames_per_s=20.0, loop_lag_p50_ms=1.0, loop_lag_p99_ms=900.0)

    result = asyncio.run(run_once(session, figures)).result
    assert phases == [Phase.DONE]
    assert result.gui == GuiFigures(20.0, 1.0, 900.0)
    assert any("the window lagged" in reason for reason in result.reasons)


def test_a_stopped_run_is_interrupted() -> None:
    session = a_session()

    async def stop_early() -> None:
        await until(lambda: session.phase is Phase.RUNNING)
        session.stop()

    async def run_and_stop() -> bool:
        finished, _ = await asyncio.gather(run_once(session), stop_early())
        return finished.interrupted

    assert asyncio.run(run_and_stop())
