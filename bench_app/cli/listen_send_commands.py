"""``zmq-bench listen`` and ``zmq-bench send``: the options of the two commands that a user drives by hand."""

from __future__ import annotations

from typing import Any

import click

from bench_app.cli import listen_send
from bench_app.cli.event_input import events_of
from bench_app.cli.log_options import log_options

_uri_argument = click.argument("uri")


@click.command(name="listen", short_help="Read from any ZeroMQ system and tell what comes.")
@_uri_argument
@click.option("--type", "socket_type", type=click.Choice(["SUB", "PULL", "REP"]), required=True, help="Socket type.")
@click.option("--topic", default="", metavar="T", help="SUB: prefix to subscribe to.  [default: all topics]")
@click.option("--count", type=click.IntRange(min=1), metavar="N", help="End after N messages.  [default: no limit]")
@click.option(
    "--for", "seconds", type=click.FloatRange(min=0), metavar="S", help="End after S seconds.  [default: no limit]"
)
@click.option(
    "--time-field",
    metavar="PATH",
    help="Where each event's JSON says when it was sent: latency is measured from there.",
)
@log_options
def listen_by_hand(
    uri: str, socket_type: Any, topic: str, count: int | None, seconds: float | None, time_field: str | None
) -> None:
    """Read from any ZeroMQ system at URI and tell rate, sizes, topics and latency.

    Up to 5 messages a second are shown, all are counted; the summary comes at the end: after --count, --for or Ctrl+C.
    A REP answers {"ok": true}.

    \b
    zmq-bench listen tcp://localhost:5555 --type SUB --topic analytics
    zmq-bench listen bind:tcp://127.0.0.1:5556 --type PULL --for 10
    zmq-bench listen tcp://localhost:5555 --type SUB --time-field metadata.sent_at
    zmq-bench listen tcp://localhost:5555 --type SUB --debug

    At tcp it connects, or binds at a wildcard (tcp://*:5556); at ipc a SUB connects and the others bind. bind: or
    connect: before the URI decides.

    Latency is known of events with the bench's own stamp, sent on this machine, and of events that have a time: ISO
    8601 text with a zone, or a number of s, ms, us or ns since 1970. That compares wall clocks: it is right only where
    the sender's clock agrees with this one.

    Exit codes: 0 also where nothing was received, 2 the input is wrong, 3 the socket cannot be set up.
    """
    listen_send.listen(uri, socket_type, topic, click.echo, count=count, seconds=seconds, time_field=time_field)


@click.command(name="send", short_help="Send events to any ZeroMQ system.")
@_uri_argument
@click.argument("events", default="-", metavar="[JSON | - | FILE]")
@click.option("--type", "socket_type", type=click.Choice(["PUB", "PUSH", "REQ"]), required=True, help="Socket type.")
@click.option("--topic", default="", metavar="T", help="PUB: topic to send under.  [default: the empty one]")
@click.option("--wait", "wait_s", type=click.FloatRange(min=0), default=3.0, show_default=True, metavar="S",
              help="Seconds to wait for a subscriber, for room, for replies.")  # fmt: skip
@log_options
def send_by_hand(uri: str, events: str, socket_type: Any, topic: str, wait_s: float) -> None:
    """Send one event (JSON), or each line of a FILE or of standard input (-), to any ZeroMQ system at URI.

    \b
    zmq-bench send tcp://localhost:5556 --type PUSH '{"task_id": 1}'
    zmq-bench send bind:tcp://127.0.0.1:5555 --type PUB --topic analytics.events events.jsonl
    zmq-bench send tcp://localhost:5557 --type REQ '{"method": "status"}' --wait 10

    A file is checked before anything is sent, a pipe line by line. Then it waits for somebody to send to: a PUB for a
    subscriber, the others for a connection. PUB sends two frames,
    topic and JSON, the others one. The reply to a REQ is printed.

    At tcp it connects, or binds at a wildcard (tcp://*:5555); at ipc a PUB binds and the others connect. bind: or
    connect: before the URI decides.

    Exit codes: 0 all was sent, 1 something was not sent, or a request got no reply, 2 the input is wrong, 3 the socket
    cannot be set up.
    """
    checked = events_of(events, lambda sentence: click.echo(sentence, err=True))
    if not listen_send.send(uri, socket_type, topic, checked, click.echo, wait_s):
        raise SystemExit(1)
