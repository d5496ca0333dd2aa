"""What handler and listener units share: the life of a unit, and its end of the control channel."""

from __future__ import annotations

from bench_app.engine.control.messages import Drain, Failed, Finished, Notice, Opened, Pause
from bench_app.engine.worker.unit import REPORT_NS, ReportTimer, UnitChannel
from bench_app.errors import SocketSetupError
from tests.engine.worker.control_end import UNIT, ControlEnd


class Recorded:
    """A unit that says what it is asked to do."""

    endpoint = "tcp://here:1"

    def __init__(self, channel: UnitChannel) -> None:
        self._channel = channel

    def serve(self) -> None:
        self._channel.emit("serves")

    def close(self) -> None:
        self._channel.emit("closes", marker=True)


def refuse(channel: UnitChannel) -> Recorded:
    raise SocketSetupError("the port is taken")


def test_a_unit_is_opened_serves_and_closes() -> None:
    with ControlEnd() as end:
        end.start(Recorded)
        end.wait_for(Finished)
        end.join()
        opened, serves, closes, finished = end.said
    assert opened == Opened(unit=UNIT, endpoint="tcp://here:1")
    assert isinstance(serves, Notice)
    assert (serves.unit, serves.message, serves.marker) == (UNIT, "serves", False)
    assert isinstance(closes, Notice)
    assert (closes.message, closes.marker) == ("closes", True)
    assert serves.at_ns <= closes.at_ns
    assert finished == Finished(unit=UNIT)


def test_a_unit_that_cannot_be_opened_sends_the_reason_and_nothing_else() -> None:
    with ControlEnd() as end:
        end.start(refuse)
        failed = end.wait_for(Failed)
        end.join()
        assert (failed.unit, failed.reason) == (UNIT, "the port is taken")
        assert end.said == [failed]


def test_every_message_that_has_arrived_is_received_in_order() -> None:
    with ControlEnd() as end:
        channel = end.channel()
        assert list(channel.receive()) == []
        # The other end knows the unit only after a word of it.
        channel.emit("there")
        end.wait_for(Notice)
        end.send(Drain())
        end.send(Pause(paused=True))
        assert list(channel.receive(5000)) == [Drain(), Pause(paused=True)]
        assert list(channel.receive()) == []


def test_a_report_is_due_at_first_and_then_an_interval_after_each() -> None:
    timer = ReportTimer()
    assert timer.is_due(1)
    timer.reported(1)
    assert not timer.is_due(REPORT_NS)
    assert timer.is_due(1 + REPORT_NS)
    timer.reported(3 * REPORT_NS)
    assert not timer.is_due(4 * REPORT_NS - 1)
