"""The log of a run has the events of the run, and what the sockets in the workers do."""

from __future__ import annotations

import logging

import pytest

from bench_app.engine.control.messages import Logged
from bench_app.engine.events import RunEvent
from bench_app.engine.run_log import is_socket_log_enabled, log_event, log_socket

LOGGED = Logged(
    unit="handler-1",
    worker="worker-3",
    pid=4711,
    at_ns=1_700_000_000_250_000_000,
    event="bound",
    message="bound to tcp://127.0.0.1:5555",
    fields={"endpoint": "tcp://127.0.0.1:5555"},
)


def test_workers_send_what_sockets_do_only_if_the_log_records_it(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "zmq_bench.socket"):
        assert not is_socket_log_enabled()
        log_socket(LOGGED, "h")
        assert caplog.records == []
    with caplog.at_level(logging.DEBUG, "zmq_bench.socket"):
        assert is_socket_log_enabled()


def test_a_record_about_a_socket_has_process_and_time_of_the_worker(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG, "zmq_bench.socket"):
        log_socket(LOGGED, "h/sub-1")
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("zmq_bench.socket", "DEBUG")
    assert record.getMessage() == "h/sub-1: bound to tcp://127.0.0.1:5555"
    assert (record.process, record.processName, record.threadName) == (4711, "worker-3", "handler-1")
    assert (record.created, record.msecs) == (pytest.approx(1_700_000_000.25, abs=1e-6), 250)
    fields = {"unit": "h/sub-1", "event": "bound", "worker": "worker-3", "endpoint": "tcp://127.0.0.1:5555"}
    assert fields.items() <= vars(record).items()


def test_a_per_cent_sign_in_a_message_is_no_format(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "zmq_bench.run"):
        log_event(RunEvent(1.0, "h", "50 %s of %d"))
    assert caplog.messages == ["h: 50 %s of %d"]


def test_an_event_of_the_run_has_its_source_and_its_time(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "zmq_bench.run"):
        log_event(RunEvent(1.23456789, "h", "connected"))
    (record,) = caplog.records
    assert (record.name, record.levelname, record.getMessage()) == ("zmq_bench.run", "INFO", "h: connected")
    assert {"unit": "h", "event": "told", "at_s": 1.234568}.items() <= vars(record).items()
