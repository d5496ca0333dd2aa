"""A user's unit test: a program that publishes alarms, and a fake consumer over inproc instead of the network."""

from __future__ import annotations

from bench_app import Message, Output, ZmqClient

ALARMS = "zmq://inproc://alarms"


class Thermometer:
    """The program under test."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def measured(self, celsius: float) -> None:
        """Publish an alarm above 40 degrees."""
        if celsius > 40:
            self._output.write("alarms", {"celsius": celsius})


def test_only_a_high_temperature_is_an_alarm() -> None:
    """The fake consumer gets the alarm, and nothing else."""
    consumer_config = {"socket_type": "PULL", "mode": "bind"}
    with ZmqClient("fake consumer", consumer_config) as consumer, Output("thermometer") as output:
        consumer.connect(ALARMS)
        handler = output.add_handler("alarms", ALARMS, "alarms")
        thermometer = Thermometer(output)
        for celsius in (20.5, 41.5, 39.0):
            thermometer.measured(celsius)
        alarm: Message | None = consumer.read_message(10)
        assert alarm is not None
        assert alarm.value == {"celsius": 41.5}
        assert output.flush(10)
        assert consumer.read_message(0) is None
        assert (handler.stats.accepted, consumer.stats.read) == (1, 1)
