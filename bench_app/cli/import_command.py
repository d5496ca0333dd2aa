"""``zmq-bench import``: the messages of a capture of network traffic, as a recording."""

from __future__ import annotations

from pathlib import Path

import click

from bench_app.cli.console import echo
from bench_app.untrusted.visible_text import visible


@click.command(name="import", short_help="Read messages out of a network capture, or what a killed recording left.")
@click.argument("capture", type=click.Path(path_type=Path))
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="The recording: JSON Lines, or MCAP if its name ends in .mcap.",
)
@click.option("--topic", default="", metavar="T", help="Only messages whose topic begins so.  [default: all]")
@click.option("--connection", type=click.IntRange(min=1), metavar="N", help="Only this connection.  [default: all]")
def import_command(capture: Path, output: Path, topic: str, connection: int | None) -> None:
    """Read the ZeroMQ messages out of CAPTURE, a file of tcpdump or Wireshark (pcap or pcapng).

    It writes a recording, which a replay can send again. For each connection it prints the types of both sockets, how
    many messages each peer sent, and what could not be read: segments that were not captured, messages that are
    encrypted. The capture must have the beginning of a connection, because its handshake says what the bytes mean.

    \b
    tcpdump -i any -w traffic.pcap tcp port 5555
    zmq-bench import traffic.pcap -o traffic.jsonl
    zmq-bench import traffic.pcapng -o one.jsonl --connection 2 --topic analytics.

    CAPTURE may also be the folder FILE.spool that a recording left because its processes were killed. The messages that
    were not written yet are then written to the output, and the folder is removed.

    Exit codes: 0 even if there is no message, 2 the input is wrong.
    """
    # Imported here, so that the other commands start without it.
    from bench_app.captures.connections import Connections
    from bench_app.captures.import_capture import import_capture
    from bench_app.captures.report import connection_lines

    if capture.is_dir():
        from bench_app.recording.left_spool import import_spool

        count = import_spool(capture, output)
    else:
        connections = Connections()
        count = import_capture(capture, output, connections, topic, connection)
        for line in connection_lines(connections):
            echo(visible(line))
    echo(f"{count:,} messages in {output}" if count != 1 else f"1 message in {output}")
