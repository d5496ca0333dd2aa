"""``zmq-bench import``: the messages of a capture of network traffic, as a recording."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench_app.cli.console import echo
from bench_app.errors import BenchError, InputError
from bench_app.untrusted.visible_text import visible

if TYPE_CHECKING:
    from bench_app.captures.connections import Connections
    from bench_app.recording.files import RecordingFile
    from bench_app.recording.message import RecordedMessage

BATCH = 1000


@click.command(name="import", short_help="Read messages out of a network capture.")
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

    Exit codes: 0 even if there is no message, 2 the input is wrong.
    """
    # Imported here, so that the other commands start without it.
    from bench_app.captures.connections import Connections
    from bench_app.captures.report import connection_lines
    from bench_app.recording.recorder import refuse_bad_file

    refuse_bad_file(output)
    if output.exists() and capture.exists() and output.samefile(capture):
        raise InputError(f"{output} is the capture itself")
    connections = Connections()
    count = _import(capture, output, connections, topic, connection)
    for line in connection_lines(connections):
        echo(visible(line))
    echo(f"{count:,} messages in {output}" if count != 1 else f"1 message in {output}")


def _import(capture: Path, output: Path, connections: Connections, topic: str, number: int | None) -> int:
    from bench_app.captures.packets import read_packets
    from bench_app.sources.compression import decompressed
    from bench_app.sources.record import BrokenFileError

    try:
        with capture.open("rb") as raw:
            packets = read_packets(decompressed(raw)[0])
            file = _open(output)
            try:
                batch: list[RecordedMessage] = []
                for connection, message in connections.read(packets):
                    if number in (None, connection.number) and message.topic.startswith(topic):
                        batch.append(message)
                    if len(batch) >= BATCH:
                        _write(file, batch, output)
                        batch = []
                _write(file, batch, output)
            finally:
                _close(file, output)
    except OSError as error:
        raise InputError(f"{capture} cannot be read: {error.strerror or error}") from error
    except (InputError, BrokenFileError) as error:
        raise InputError(f"{capture}: {error}") from error
    return file.written


def _open(output: Path) -> RecordingFile:
    from bench_app.recording.files import JsonLinesFile, is_mcap

    try:
        if not is_mcap(output):
            return JsonLinesFile(output)
        from bench_app.recording.mcap_file import McapFile

        return McapFile(output)
    except ImportError:
        raise InputError('MCAP needs the package mcap (pip install "zmq-bench[mcap]" installs it)') from None
    except OSError as error:
        raise BenchError(f"{output} cannot be written: {error.strerror or error}") from error


def _write(file: RecordingFile, batch: list[RecordedMessage], output: Path) -> None:
    try:
        file.append(batch)
    except OSError as error:
        raise BenchError(f"{output} cannot be written: {error.strerror or error}") from error


def _close(file: RecordingFile, output: Path) -> None:
    try:
        file.close(None)
    except OSError as error:
        raise BenchError(f"{output} cannot be written: {error.strerror or error}") from error
