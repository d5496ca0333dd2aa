"""``make soak-faults``: 300 random runs with random faults; each must end with a result whose ledger balances.

``python -m benchmarks.faulted_runs --count 30 --seed 7`` makes other runs. Run number ``n`` has the seed ``SEED + n``,
and a failed run prints its seed: ``--seed THAT --count 1`` makes the same run again. The faults come at the same times,
but a machine is never twice in the same state.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import psutil
import zmq

from bench_app.data_plane.choice import PLANE_VARIABLE
from bench_app.engine.result import RunResult
from benchmarks.presets import assert_balanced
from benchmarks.relay import Relay, Treatment, free_endpoint, through

RUNS = 300
LIMIT_S = 90.0
"""A run of a few seconds that takes longer hangs."""
ALLOWED_EXIT_CODES = {0, 1, 3, 130}
PYTHON_EVERY = 3
"""The seeds that are multiples of it run on the data plane in Python, all others on the fastest one."""
PATTERNS = ("PUB", "PUSH", "REQ")
GARBAGE = ([b""], [b"no json"], [b'{"a":' * 3000], [b"[" * 100_000], [b"two", b"frames"], [b"\xff\x1b[31m"])
_PEER_OF = {"PUB": zmq.SUB, "PUSH": zmq.PUSH, "REQ": zmq.REQ}
"""What a stranger is: one more subscriber of a PUB; otherwise somebody who sends to the listeners."""


@dataclass
class Case:
    """One random run.

    Attributes:
        seed: everything about the run follows from it.
        dice: the random numbers of the run.
        faults: what was done to it, for a reader.
    """

    seed: int
    dice: random.Random = field(init=False)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)


def direct_preset(case: Case, endpoint: str, duration_s: float) -> dict[str, Any]:
    """A preset of one to three handlers. The first one has ``endpoint``, so that strangers find it."""
    dice = case.dice
    handlers: dict[str, Any] = {}
    listeners: dict[str, Any] = {}
    for number in range(dice.choice([1, 1, 2, 3])):
        socket_type = dice.choice(PATTERNS)
        config: dict[str, Any] = {
            "socket_type": socket_type,
            "high_water_mark": dice.choice([1, 10, 1000]),
            "queue_size": dice.choice([1, 100, 1000]),
            "send_timeout": dice.choice([0, 10, 100]),
            "linger": dice.choice([0, 200, 2000]),
            "reconnect_interval": 50,
        }
        if socket_type == "PUB":
            config["topic"] = "t"
        if socket_type == "REQ":
            config |= {"request_timeout": dice.choice([50, 500]), "retries": dice.choice([0, 1, 3])}
        name = f"h{number}"
        transport = dice.choice(["tcp://127.0.0.1:*", "tcp://127.0.0.1:*", f"inproc://{name}"])
        handlers[name] = {"uri": f"zmq://{transport if number else endpoint}", "config": config}
        slow = {"delay_ms": dice.choice([0, 0, 1, 20])}
        lazy = {"drop_replies": dice.choice([0, 0.3])} if socket_type == "REQ" else {}
        count = dice.choice([1, 1, 2, 4]) if socket_type != "REQ" else 1
        listeners[name] = [{"name": f"l{one}", **slow, **lazy} for one in range(count)]
    load = {"shape": "constant", "rate": dice.choice([50, 500, 3000, 10_000])}
    source = {"kind": "synthetic", "event": "detection", "size": dice.choice([256, 4096]), "load": load}
    bench = {"version": 1, "duration_s": duration_s, "sources": {"events": source}, "listeners": listeners}
    if dice.random() < 0.3:
        bench["checks"] = ["drops == 0"]
    return {"output": {"handlers": handlers}, "bench": bench}


def treatment(case: Case) -> Treatment:
    """What the relay of this run does."""
    dice = case.dice
    kind = dice.choice(["hold", "drop", "cut", "stall"])
    case.faults.append(f"relay: {kind}")
    match kind:
        case "hold":
            return Treatment(hold_ms=dice.choice([1, 5, 50]))
        case "drop":
            return Treatment(drop_every=dice.choice([2, 7, 50]))
        case "cut":
            return Treatment(cut_every_s=dice.uniform(0.3, 1.5))
        case _:
            return Treatment(stall_every_s=dice.uniform(0.5, 1.5), stall_s=dice.uniform(0.1, 1.0))


@contextlib.contextmanager
def way(case: Case, duration_s: float) -> Iterator[tuple[dict[str, Any], str, str]]:
    """The preset of a run, the socket type and endpoint of its first handler; with a relay in every third run."""
    if case.dice.random() < 1 / 3:
        socket_type = case.dice.choice(PATTERNS)
        with Relay(socket_type, treatment(case)) as relay:
            rate = case.dice.choice([100, 1000, 3000])
            yield through(relay, socket_type, rate, duration_s=duration_s), socket_type, relay.endpoint
            relay.stop()
    else:
        endpoint = free_endpoint()
        raw = direct_preset(case, endpoint, duration_s)
        yield raw, raw["output"]["handlers"]["h0"]["config"]["socket_type"], endpoint


class Attacker:
    """Does random harm to the processes of a run from outside, and to its sockets as a stranger."""

    def __init__(self, case: Case, command: psutil.Process, socket_type: str, endpoint: str) -> None:
        self._dice = case.dice
        self._faults = case.faults
        self._command = command
        self._context = zmq.Context()
        self._stranger = self._context.socket(_PEER_OF[socket_type])
        self._stranger.linger = 0
        self._stranger.set_hwm(10)
        if socket_type == "PUB":
            self._stranger.subscribe(b"")
        self._socket_type, self._endpoint = socket_type, endpoint

    def attack(self) -> None:
        """One random fault."""
        kind = self._dice.choices(["kill", "stop", "interrupt", "terminate", "connect", "garbage"], [3, 3, 2, 1, 2, 3])[
            0
        ]
        self._faults.append(kind)
        with contextlib.suppress(psutil.NoSuchProcess, zmq.ZMQError):
            getattr(self, f"_{kind}")()

    def _worker(self) -> psutil.Process | None:
        workers = self._command.children()
        return self._dice.choice(workers) if workers else None

    def _kill(self) -> None:
        if worker := self._worker():
            worker.send_signal(signal.SIGKILL)

    def _stop(self) -> None:
        if worker := self._worker():
            worker.send_signal(signal.SIGSTOP)
            try:
                time.sleep(self._dice.choice([0.02, 0.3, 1.0, 2.5]))
            finally:
                worker.send_signal(signal.SIGCONT)

    def _interrupt(self) -> None:
        self._command.send_signal(signal.SIGINT)

    def _terminate(self) -> None:
        self._command.send_signal(signal.SIGTERM)

    def _connect(self) -> None:
        self._stranger.connect(self._endpoint)

    def _garbage(self) -> None:
        self._connect()
        if self._socket_type != "PUB":
            # To a bound handler, this is a peer of the wrong kind; to a listener, messages of somebody else.
            for frames in self._dice.sample(GARBAGE, 3):
                self._stranger.send_multipart(frames, zmq.NOBLOCK)

    def close(self) -> None:
        """Close the stranger's socket."""
        self._context.destroy(linger=0)


def problems_of(case: Case) -> list[str]:
    """Make a run; returns what is wrong with it."""
    duration_s = case.dice.choice([1.5, 3.0])
    # The control socket's path in this folder must be short.
    with tempfile.TemporaryDirectory(prefix="fr-") as folder, way(case, duration_s) as (raw, *target):
        place = Path(folder)
        temporary = place / "t"
        temporary.mkdir()
        preset, result = place / "preset.json", place / "result.json"
        preset.write_text(json.dumps(raw))
        code, output = _run(case, [preset, result], temporary, target)
        found = list(_wrong_ending(code, output)) + list(_wrong_result(result))
        left = [file.name for file in temporary.rglob("*")]
        return found + ([f"files left: {', '.join(left[:5])}"] if left else [])


def _run(case: Case, files: list[Path], temporary: Path, target: list[str]) -> tuple[int | None, str]:
    """Run the command and attack it; returns its exit code (None if it hung or left processes) and its output."""
    preset, result = map(str, files)
    if case.dice.random() < 0.5:
        command = ["-m", "bench_app", "run", preset, "--json", result]
    else:
        case.faults.append("from inside")
        command = ["-m", "benchmarks.faulted_run", preset, result, str(case.seed)]
    variables = {**os.environ, "TMPDIR": str(temporary), "XDG_RUNTIME_DIR": str(temporary), "PYTHONFAULTHANDLER": "1"}
    if case.seed % PYTHON_EVERY == 0:
        variables[PLANE_VARIABLE] = "python"
    log = temporary.parent / "output.txt"
    with log.open("wb") as output:
        process = psutil.Popen([sys.executable, *command], stdout=output, stderr=output, env=variables)
        workers = _attack_until_end(case, process, target)
    left = [worker for worker in workers if worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE]
    text = log.read_text(errors="replace")
    for worker in left:
        text += f"\nprocess left: {worker.pid}"
        with contextlib.suppress(psutil.NoSuchProcess):
            worker.kill()
    return process.returncode if not left else None, text


def _attack_until_end(case: Case, process: psutil.Popen, target: list[str]) -> set[psutil.Process]:
    """Attack a command at random moments until it ends; returns all workers that it had."""
    workers: set[psutil.Process] = set()
    attacker = Attacker(case, psutil.Process(process.pid), *target)
    end_s = time.monotonic() + LIMIT_S
    attacks = case.dice.choice([0, 1, 2, 4])
    next_s = math.inf
    while process.poll() is None and time.monotonic() < end_s:
        with contextlib.suppress(psutil.NoSuchProcess):
            workers.update(process.children())
        # The first attack comes when there is something to attack: the command takes a while to load.
        if workers and next_s == math.inf:
            next_s = time.monotonic() + case.dice.uniform(0.0, 2.0)
        if attacks and time.monotonic() >= next_s:
            attacker.attack()
            attacks -= 1
            next_s = time.monotonic() + case.dice.uniform(0.05, 1.0)
        time.sleep(0.02)
    attacker.close()
    if process.poll() is None:
        case.faults.append("hung")
        _end_with_stacks(process)
    # A worker may need a moment after its session.
    psutil.wait_procs(workers, timeout=5)
    return workers


def _end_with_stacks(process: psutil.Popen) -> None:
    """End a command that hangs. Its output then ends with the stacks of its threads."""
    process.send_signal(signal.SIGABRT)
    with contextlib.suppress(psutil.TimeoutExpired):
        process.wait(timeout=5)
    with contextlib.suppress(psutil.NoSuchProcess):
        process.kill()
    process.wait()


def _wrong_ending(code: int | None, output: str) -> Iterator[str]:
    if code not in ALLOWED_EXIT_CODES:
        yield f"exit code {code}; output ends: {output[-6000:]}"
    if "Traceback (most recent call last)" in output:
        yield f"traceback: {output[output.index('Traceback') :][-1500:]}"


def _wrong_result(file: Path) -> Iterator[str]:
    if not file.exists():
        yield "no result"
        return
    try:
        assert_balanced(msgspec.json.decode(file.read_bytes(), type=RunResult))
    except (msgspec.MsgspecError, AssertionError) as error:
        yield f"result: {error!r}"


def main() -> None:
    """Make the runs; exit code 1 if one has a problem."""
    arguments = argparse.ArgumentParser(description="Random runs with random faults.")
    arguments.add_argument("--count", type=int, default=RUNS, help="number of runs [300]")
    arguments.add_argument("--seed", type=int, default=1, help="seed of the first run [1]")
    chosen = arguments.parse_args()
    failed = []
    for seed in range(chosen.seed, chosen.seed + chosen.count):
        case = Case(seed)
        problems = problems_of(case)
        print(f"seed {seed}: {'FAILED' if problems else 'ok'} ({', '.join(case.faults) or 'no fault'})", flush=True)
        for problem in problems:
            print(f"  {problem}", flush=True)
        if problems:
            failed.append(seed)
    print(f"{chosen.count} runs, {len(failed)} failed")
    for seed in failed:
        print(f"again: python -m benchmarks.faulted_runs --seed {seed} --count 1")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
