"""Invented records of runs, for the archive."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from bench_app.archive import Archive, RunRecord, Settings
from bench_app.engine.events import RunEvent
from bench_app.engine.result import HandlerResult, LatencySummary, ListenerResult, Machine, Outcome, RunResult
from bench_app.engine.unit_key import HistogramKey, UnitKey
from bench_app.measure.recorder import Recorder

LATENCY = LatencySummary(90, 12.5, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0)
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
        outcome=Outcome.PASS,
        events=(RunEvent(1.5, "pub", "a listener joined", True),),
        handlers=tuple(map(UnitKey, handlers or ("pub",))),
        history={UnitKey("pub"): {"at_s": times.tobytes(), "offered": np.array([0.0, 50.0], "<f8").tobytes()}},
        machine={"at_s": times.tobytes(), "steal_pct": np.array([0.0, 2.5], "<f8").tobytes()},
        histograms={HistogramKey(UnitKey("pub", "left"), "service"): recorder.take()},
    )


def execute(file: Path, statement: str, *values: Any) -> None:
    db = sqlite3.connect(file)
    with db:
        db.execute(statement, values)
    db.close()


def ids(archive: Archive) -> list[int]:
    return [summary.id for summary in archive.summaries()]
