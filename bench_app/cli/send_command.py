"""``zmq-bench send``: the options of the sending end."""

from __future__ import annotations

from typing import Any, get_args

import click

from bench_app.cli.console import echo, echo_error
from bench_app.cli.ending_signals import ended_by_signals
from bench_app.cli.event_input import events_of
from bench_app.cli.exit_codes import EXIT_NOT_ALL_SENT
from bench_app.cli.log_options import log_options
from bench_app.model import SocketType


@click.command(name="send", short_help="Send events to any ZeroMQ system.")
@click.argument("uri")
@click.argument("events", default="-", metavar="[JSON | - | FILE]")
@click.option("--type", "socket_type", type=click.Choice(get_args(SocketType)), required=True, help="Socket type.")
@click.option("--topic", default="", metavar="T", help="PUB: topic to send under.  [default: the empty one]")
@click.option("--wait", "wait_s", type=click.FloatRange(min=0), default=3.0, show_default=True, metavar="S",
              help="Seconds to wait for a subscriber, for room and for replies.")  # fmt: skip
@log_options
def send_command(uri: str, events: str, socket_type: Any, topic: str, wait_s: float) -> None:
    """Send one event (JSON), or each event of a FILE or of standard input (-), to any ZeroMQ system at URI.

    \b
    zmq-bench send tcp://localhost:5556 --type PUSH '{"task_id": 1}'
    zmq-bench send bind:tcp://127.0.0.1:5555 --type PUB --topic analytics.events events.jsonl
    zmq-bench send tcp://localhost:5557 --type REQ '{"method": "status"}' --wait 10

    A file is read as that of a replay: JSON in any layout or CSV, also compressed. It is checked as a whole before
    anything is sent, a pipe line by line. The command then waits for a receiver: a
    PUB for a subscriber, PUSH and REQ for a connection. A PUB sends two frames, topic and JSON; PUSH and REQ send one.
    The reply to a REQ is printed.

    Over tcp it connects, or binds if the address is a wildcard (tcp://*:5555). Over ipc a PUB binds, and PUSH and REQ
    connect. The prefix bind: or connect: before the URI overrides this.

    Exit codes: 0 every event was sent, 1 an event was not sent or a request got no reply, 2 the input is wrong, 3 the
    socket cannot be set up.
    """
    # Imported here, so that the other commands start without the library.
    from bench_app.cli.send import send

    with ended_by_signals():
        all_sent = send(uri, socket_type, topic, events_of(events, echo_error), echo, wait_s)
    if not all_sent:
        raise SystemExit(EXIT_NOT_ALL_SENT)
