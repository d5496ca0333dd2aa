"""``zmq-bench listen``: the options of the receiving end."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click

from bench_app.cli.console import echo
from bench_app.cli.ending_signals import ended_by_signals
from bench_app.cli.log_options import log_options
from bench_app.cli.record_options import record_options, record_options_of
from bench_app.model import ListenerType


@click.command(name="listen", short_help="Read from any ZeroMQ system and print the messages.")
@click.argument("uri")
@click.option("--type", "socket_type", type=click.Choice(get_args(ListenerType)), required=True, help="Socket type.")
@click.option("--topic", default="", metavar="T", help="SUB: prefix to subscribe to.  [default: all topics]")
@click.option("--count", type=click.IntRange(min=1), metavar="N", help="End after N messages.  [default: no limit]")
@click.option(
    "--for", "seconds", type=click.FloatRange(min=0), metavar="S", help="End after S seconds.  [default: no limit]"
)
@click.option(
    "--time-field",
    metavar="PATH",
    help="JSON path of the time of sending in each event: latency is measured from this time.",
)
@click.option(
    "--sequence-field",
    metavar="PATH",
    help="JSON path of a number that the sender counts up: gaps, duplicates, reordering and restarts are counted.",
)
@click.option(
    "--framing",
    type=click.Choice(["frames", "joined"]),
    default="frames",
    help="SUB: where the topic is: the first of several frames, or before the first blank.  [default: frames]",
)
@record_options
@log_options
def listen_command(
    uri: str,
    socket_type: Any,
    topic: str,
    count: int | None,
    seconds: float | None,
    time_field: str | None,
    sequence_field: str | None,
    framing: str,
    record_file: Path | None,
    record_size: float | None,
    record_every: float | None,
) -> None:
    """Read from any ZeroMQ system at URI and print rate, sizes, topics, latency and loss.

    Up to 5 messages a second are printed, and all are counted. A summary follows at the end: after --count, after --for
    or on Ctrl+C, SIGTERM or SIGHUP. A REP replies {"ok": true}.

    \b
    zmq-bench listen tcp://localhost:5555 --type SUB --topic analytics
    zmq-bench listen bind:tcp://127.0.0.1:5556 --type PULL --for 10
    zmq-bench listen tcp://localhost:5555 --type SUB --time-field metadata.sent_at
    zmq-bench listen tcp://localhost:5555 --type SUB --sequence-field header.seq
    zmq-bench listen tcp://localhost:5555 --type SUB --record messages.jsonl
    zmq-bench listen tcp://localhost:5555 --type SUB --debug

    Over tcp it connects, or binds if the address is a wildcard (tcp://*:5556). Over ipc a SUB connects, PULL and REP
    bind. The prefix bind: or connect: before the URI overrides this.

    Latency is measured for events with the bench's own stamp that were sent on this machine, and for events with a
    time: ISO 8601 text with a zone, or a number of s, ms, us or ns since 1970. The latter compares two wall clocks, so
    it is right only if the sender's clock agrees with this machine's.

    Loss and order are measured by an integer that rises by one with each event. Each topic has a sequence of its own.
    The sequence begins with the first number that arrives.

    All frames of a message are printed, with " | " between them, and all are sized. A SUB takes the first of several
    frames as the topic. --framing joined is for publishers that put topic, a blank and the body into one frame.

    --record writes every message with its time of receipt, its topic and all its frames. A replay of the file sends
    the same messages again.

    Exit codes: 0 even if nothing was received, 2 the input is wrong, 3 the socket cannot be set up.
    """
    # Imported here, so that the other commands start without numpy and the library.
    from bench_app.cli.listen import listen

    with ended_by_signals():
        listen(
            uri,
            socket_type,
            topic,
            echo,
            count=count,
            seconds=seconds,
            time_field=time_field,
            sequence_field=sequence_field,
            is_joined=framing == "joined",
            record=record_options_of(record_file, record_size, record_every),
        )
