"""What a program can read from the result of a write."""

from __future__ import annotations

import json
import logging

import pytest

from bench_app import Output
from bench_app.library.write_result import NO_SINK, WriteResult, all_taken
from tests.library.ends import NOWHERE


def test_a_result_is_the_number_of_handlers_that_took_the_event() -> None:
    result = WriteResult(2, queue_full=1, not_open=3)
    assert result == 2 and result + 1 == 3 and json.dumps(result) == "2"
    assert (result.taken, result.refused, result.has_sink) == (2, 4, True)
    assert not WriteResult(0) and not NO_SINK.has_sink
    assert [all_taken(number) for number in (0, 16, 17, 99)] == [0, 16, 17, 99]


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (all_taken(2), "WriteResult(2)"),
        (WriteResult(1, 2, 3), "WriteResult(1, 2 queue full, 3 not open)"),
        (NO_SINK, "WriteResult(0, no handler has the sink)"),
    ],
)
def test_its_text_says_why(result: WriteResult, text: str) -> None:
    assert repr(result) == text


def test_a_write_says_what_became_of_the_event(caplog: pytest.LogCaptureFixture) -> None:
    blocked = {"queue_size": 1, "high_water_mark": 1, "send_timeout": -1, "linger": 0}
    with Output("o") as output:
        stopped = output.add_handler("stopped", NOWHERE, "events", {"linger": 0})
        output.add_handler("full", NOWHERE, "events", blocked)
        results = [output.write("events", number) for number in range(20)]
        assert results[0] == 2 and results[-1] == 1 and results[-1].queue_full == 1
        stopped.stop()
        last = output.write("events", 1)
        assert (last, last.queue_full, last.not_open) == (0, 1, 1)
        stopped.close()
        assert output.write("events", 1).not_open == 1
        with caplog.at_level(logging.WARNING, "zmq_bench"):
            assert [output.write("evnts", 1).has_sink for _ in range(3)] == [False] * 3
            warnings = [record.getMessage() for record in caplog.records]
    assert warnings == ['o: no handler has the sink "evnts", so its events go nowhere; did you mean "events"?']
