"""Plain libzmq in C, to compare the bench with: builds ``benchmarks/libzmq`` and runs it on the libzmq of pyzmq."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import msgspec
import zmq

ROOT = Path(__file__).parents[1]
PROGRAM = ROOT / "build" / "plain_libzmq" / "plain_libzmq"
TARGET = "plain-libzmq"
"""The target of the Makefile that builds the program."""
TOPIC = "t"

Pattern = Literal["push", "pub", "req"]
Transport = Literal["tcp", "ipc", "inproc"]


class NoPlainLibzmqError(Exception):
    """The program cannot be built or run; the message is one sentence that says why."""


class PlainFigures(msgspec.Struct, frozen=True):
    """What the program printed.

    Attributes:
        libzmq: the version that it ran on.
        sent: events sent.
        messages: events received by all receivers together. Of REQ, replies received.
        received_while_offered: those received before the sender offered its last event.
        seconds: how long events were offered.
        rate: received while offered, per second of that time.
        p50_us: from the send to the arrival. Of REQ, from the send to the reply; the same for the next two.
        p99_us: the same.
        max_us: the same.
        lateness_p99_us: from the due time to the send.
        cpu_s: processor time of sender and receivers, all threads.
    """

    libzmq: str
    sent: int
    messages: int
    received_while_offered: int
    seconds: float
    rate: float
    p50_us: float
    p99_us: float
    max_us: float
    lateness_p99_us: float
    cpu_s: float


@dataclass(frozen=True)
class Pace:
    """How a paced sender of the program waits for the next due time. Without anything: it sleeps, as a program does.

    Attributes:
        spin_us: how long before a due time it stops sleeping and spins.
        sleep_us: a sleep takes so long at least.
        has_exact_timers: whether a sleep ends on time. Linux groups sleeps with other timers within 50 us otherwise.
    """

    spin_us: float = 0
    sleep_us: float = 0
    has_exact_timers: bool = False


@dataclass(frozen=True)
class PlainLibzmq:
    """The program, built, and the library that it runs on."""

    library: Path

    def run(
        self,
        pattern: Pattern,
        *,
        seconds: float,
        transport: Transport = "tcp",
        size: int = 512,
        rate: float = 0,
        warmup_s: float = 0,
        pace: Pace = Pace(),
        measures_latency: bool = False,
        no_drop: bool = False,
        channels: int = 1,
        receivers: int = 1,
        pool: int = 256,
    ) -> PlainFigures:
        """Run the program once. Raises NoPlainLibzmqError if it fails.

        ``rate`` counts per channel; 0 is full speed. ``measures_latency`` makes both ends read the clock.
        ``receivers`` counts per channel.
        """
        command = [str(PROGRAM), pattern, f"--library={self.library}", f"--transport={transport}", f"--topic={TOPIC}"]
        command += [f"--size={size}", f"--rate={rate}", f"--seconds={seconds}", f"--warmup={warmup_s}"]
        command += [f"--spin-us={pace.spin_us}", f"--sleep-us={pace.sleep_us}"]
        command += [f"--channels={channels}", f"--receivers={receivers}", f"--pool={pool}"]
        command += ["--exact-timers"] * pace.has_exact_timers
        command += ["--latency"] * measures_latency + ["--no-drop"] * no_drop
        with tempfile.TemporaryDirectory() as folder:
            return msgspec.json.decode(_output([*command, f"--folder={folder}"], seconds + 60), type=PlainFigures)

    @cached_property
    def version(self) -> str:
        """The version of the library."""
        return self.run("push", seconds=0.01).libzmq


def build() -> PlainLibzmq:
    """Build the program, unless it is up to date. Raises NoPlainLibzmqError where that is not possible."""
    if os.name != "posix":
        raise NoPlainLibzmqError("the program in C needs fork and shared memory, which this system does not have")
    compiler = os.environ.get("CC", "cc")
    for tool in ("make", compiler):
        if shutil.which(tool) is None:
            raise NoPlainLibzmqError(f"there is no {tool} to build the program in C")
    if not _has_header(compiler):
        raise NoPlainLibzmqError("there is no zmq.h to build the program in C (Debian: apt-get install libzmq3-dev)")
    _output(["make", "--silent", "-C", str(ROOT), TARGET], timeout_s=120)
    return PlainLibzmq(libzmq_of_pyzmq())


def libzmq_of_pyzmq() -> Path:
    """The shared library on which pyzmq runs. Raises NoPlainLibzmqError if it is a part of pyzmq's extension."""
    package = Path(zmq.__file__).parent
    maps = Path("/proc/self/maps")
    mapped = [Path(line.split()[-1]) for line in maps.read_text().splitlines()] if maps.exists() else []
    bundled = [*package.parent.glob("pyzmq.libs/libzmq*"), *package.glob(".dylibs/libzmq*")]
    for path in (*mapped, *bundled):
        if path.name.startswith("libzmq"):
            return path
    raise NoPlainLibzmqError("pyzmq has no shared libzmq on which the program in C could run")


def _has_header(compiler: str) -> bool:
    command = [compiler, "-E", "-x", "c", "-include", "zmq.h", os.devnull]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _output(command: list[str], timeout_s: float) -> bytes:
    try:
        return subprocess.run(command, capture_output=True, check=True, timeout=timeout_s).stdout
    except subprocess.TimeoutExpired:
        raise NoPlainLibzmqError(f"{command[0]} did not end within {timeout_s:.0f} s") from None
    except subprocess.CalledProcessError as error:
        lines = error.stderr.decode(errors="replace").strip().splitlines() or [f"exit code {error.returncode}"]
        raise NoPlainLibzmqError(f"{' '.join(command[:2])} failed: {lines[0]}") from None
