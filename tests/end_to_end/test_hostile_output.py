"""Commands in processes of their own, with hostile text, an output that is not UTF-8, and signals that end them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import zmq

from tests.cli.command import COMMAND, bench, bench_inside, write
from tests.runs import preset

HOSTILE = "\x1b]0;gone\x07\x9b2J\u202e\r[red]\n<b>"
CONTROLS = {"\x1b", "\x07", "\x9b", "\u202e", "\r"}
LATIN = {**os.environ, "PYTHONIOENCODING": "iso-8859-1", "PYTHONUTF8": "0"}


def hostile_preset(**changes: Any) -> dict[str, Any]:
    # The capacity of a small connection within a process is measured at once.
    config = {"socket_type": "PUSH", "high_water_mark": 100}
    listeners = [{"name": HOSTILE, "high_water_mark": 100}]
    more = {"uri": "zmq://inproc://hostile", "listeners": listeners, "duration_s": 0.1, **changes}
    raw = preset(config, title=f"Köln → 日本 {HOSTILE}", **more)
    raw["output"]["handlers"] = {f"→{HOSTILE}": raw["output"]["handlers"]["h"]}
    for section in ("handlers", "listeners"):
        raw["bench"][section] = {f"→{HOSTILE}": raw["bench"][section]["h"]}
    raw["bench"]["checks"] = ["drops == 0"]
    return raw


@contextmanager
def publisher(frames: list[bytes], endpoint: str) -> Iterator[None]:
    """A PUB that sends the frames again and again."""
    stop = threading.Event()

    def publish() -> None:
        with zmq.Context() as context, context.socket(zmq.PUB) as pub:
            pub.linger = 0
            pub.bind(endpoint)
            while not stop.wait(0.01):
                pub.send_multipart(frames)

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_listen_shows_escapes_of_topic_and_body(tmp_path: Path) -> None:
    endpoint = f"ipc://{tmp_path}/pub.ipc"
    body = json.dumps({"at": HOSTILE}, ensure_ascii=False).encode()
    for frames in ([HOSTILE.encode(), body], [b"topic", HOSTILE.encode()], [b"", b"\x1b\xff\xc2\x9b"]):
        with publisher(frames, endpoint):
            fields = ["--time-field", "at", "--sequence-field", "at"]
            finished = bench("listen", endpoint, "--type", "SUB", "--count", "2", *fields)
        assert finished.returncode == 0
        assert r"\x1b" in finished.stdout
        assert not CONTROLS & set(finished.stdout)


@pytest.mark.parametrize("arguments", [["--quiet"], [], ["--json", "-"], ["--debug"]])
def test_run_shows_escapes_of_names_and_title(tmp_path: Path, arguments: list[str]) -> None:
    finished = bench("run", write(tmp_path, hostile_preset()), *arguments)
    # 3: this machine was too busy to judge the run.
    assert finished.returncode in (0, 3)
    assert not CONTROLS & set(finished.stdout + finished.stderr)
    # All of them are shown in the table, too.
    assert arguments or finished.stdout.count(r"\x1b]0;gone\x07\x9b2J\u202e\r[red]\n<b>") > 2
    if arguments == ["--json", "-"]:
        assert f"→{HOSTILE}" in json.loads(finished.stdout)["handlers"]


def test_capacity_shows_escapes_of_names(tmp_path: Path) -> None:
    finished = bench("capacity", write(tmp_path, hostile_preset(), HOSTILE.strip("\n<b>/") + ".json"))
    assert finished.returncode == 0
    assert not CONTROLS & set(finished.stdout + finished.stderr)


@pytest.mark.parametrize(
    "content",
    [
        b'{"output": \x1b[2J}',
        '{"output": "\x9b2J\u202e"}'.encode(),
        '{"output": {"handlers": {"\u202e\x9b": {"uri": "\x9b"}}}}'.encode(),
        '{"bench": {"\x9b\u202e": 1}, "output": {"handlers": {}}}'.encode(),
    ],
)
def test_check_shows_escapes_of_a_broken_file(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "\x1b[2Jp.json"
    file.write_bytes(content)
    finished = bench_inside("check", str(file))
    assert not CONTROLS & set(finished.stdout + finished.stderr)
    assert r"\x1b[2Jp.json" in finished.stdout + finished.stderr


def test_arguments_with_escapes_are_shown_harmless() -> None:
    for arguments in (
        ["\x1b[2J"],
        ["run", "\x1b[2J"],
        ["listen", "\x1b[2J", "--type", "SUB"],
        ["send", "tcp://x:1", "\x1b"],
    ):
        finished = bench(*arguments)
        assert finished.returncode == 2
        assert not CONTROLS & set(finished.stdout + finished.stderr)


@pytest.mark.parametrize("encoding", ["iso-8859-1", "ascii"])
def test_an_output_that_is_not_utf8_gets_replacements(tmp_path: Path, encoding: str) -> None:
    file, result = write(tmp_path, hostile_preset()), tmp_path / "result.json"
    environment = {**LATIN, "PYTHONIOENCODING": encoding}
    # 3: this machine was too busy to judge the run.
    for command, codes in (("run", (0, 3)), ("capacity", (0,))):
        whole = [*COMMAND, command, file, "--json", str(result)]
        finished = subprocess.run(whole, capture_output=True, timeout=60, env=environment, check=False)
        assert finished.returncode in codes, finished.stderr
        assert b"Traceback" not in finished.stderr
        assert "→" in result.read_text(encoding="utf-8")
        result.unlink()
    for arguments in (["check", file], ["presets"], ["schema"]):
        assert bench_inside(*arguments, encoding=encoding).returncode == 0


def test_the_result_on_such_an_output_is_utf8(tmp_path: Path) -> None:
    command = [*COMMAND, "run", write(tmp_path, hostile_preset()), "--json", "-"]
    finished = subprocess.run(command, capture_output=True, timeout=60, env=LATIN, check=False)
    # 3: this machine was too busy to judge the run.
    assert finished.returncode in (0, 3)
    assert f"→{HOSTILE}" in json.loads(finished.stdout.decode("utf-8"))["handlers"]


def test_listen_on_such_an_output(tmp_path: Path) -> None:
    endpoint = f"ipc://{tmp_path}/pub.ipc"
    with publisher(["stadt → 日本".encode(), '{"ort":"Köln → 日本"}'.encode()], endpoint):
        command = [*COMMAND, "listen", endpoint, "--type", "SUB", "--count", "2"]
        finished = subprocess.run(command, capture_output=True, timeout=60, env=LATIN, check=True)
    assert '{"ort":"Köln ? ??"}'.encode("iso-8859-1") in finished.stdout
    assert b"topic stadt ? ??: 2" in finished.stdout


@pytest.mark.parametrize("full", [["--json", "/dev/full"], ["--hdr", "/dev/full"]])
def test_the_result_is_printed_even_if_its_file_cannot_be_written(tmp_path: Path, full: list[str]) -> None:
    finished = bench("run", write(tmp_path, preset()), *full)
    assert finished.returncode == 3
    assert "Ledger" in finished.stdout and "/dev/full" in finished.stderr


@pytest.mark.parametrize("arguments", [["presets"], ["schema"], ["check", "slow-joiner"], ["run"]])
def test_a_full_disk_behind_standard_output_gives_exit_code_3(tmp_path: Path, arguments: list[str]) -> None:
    command = [*arguments, write(tmp_path, preset())] if arguments == ["run"] else arguments
    with Path("/dev/full").open("wb") as full:
        finished = subprocess.run([*COMMAND, *command], stdout=full, stderr=subprocess.PIPE, timeout=60, check=False)
    assert finished.returncode == 3
    (message,) = finished.stderr.decode().splitlines()
    assert message.startswith("zmq-bench: ") and message.endswith("No space left on device")


SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.mark.parametrize("number", SIGNALS)
def test_listen_ends_with_its_summary(number: signal.Signals) -> None:
    with subprocess.Popen(
        [*COMMAND, "listen", "tcp://127.0.0.1:*", "--type", "PULL"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        endpoint = process.stdout.readline().split()[-1]
        assert bench("send", endpoint, "--type", "PUSH", '{"a":1}').returncode == 0
        while "{" not in process.stdout.readline():
            pass
        process.send_signal(number)
        assert "1 message in" in process.stdout.read()
        assert (process.wait(30), process.stderr.read()) == (0, "")


@pytest.mark.parametrize("number", SIGNALS)
def test_send_ends_with_its_summary(number: signal.Signals) -> None:
    command = [*COMMAND, "send", "connect:tcp://127.0.0.1:9", "--type", "PUSH", "-", "--wait", "60"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.send_signal(number)
        assert "0 of 0 sent: no receiver was connected" in process.stdout.read()
        assert (process.wait(30), process.stderr.read().strip()) == (130, "")


@pytest.mark.parametrize("number", SIGNALS)
def test_capacity_ends_with_what_is_measured(tmp_path: Path, number: signal.Signals) -> None:
    raw = preset(rate=1, listeners=[{}])
    with subprocess.Popen(
        [*COMMAND, "capacity", write(tmp_path, raw), "--debug"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stderr.readline()
        process.send_signal(number)
        assert "interrupted: 0 of the connections measured" in process.stdout.read()
        assert process.wait(30) == 130
