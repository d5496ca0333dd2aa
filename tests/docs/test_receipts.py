"""The consumers of the page about receipts are counted by the bench."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench_app.engine.session import Phase, Session
from bench_app.preset import documents
from tests.docs.pages import DOCS
from tests.runs import assert_balanced, notes_of, run, until

SNIPPETS = DOCS / "snippets"
ENOUGH = 20


def compiled_consumer(folder: Path) -> list[str]:
    """The command of the consumer in C; without a compiler or zmq.h, the test is skipped."""
    find_header = ["cc", "-E", "-include", "zmq.h", "-x", "c", "/dev/null"]
    if shutil.which("cc") is None or subprocess.run(find_header, capture_output=True, check=False).returncode:
        pytest.skip("there is no C compiler, or no zmq.h")
    program = folder / "receipts"
    flags = ["-Wall", "-Wextra", "-Werror"]
    subprocess.run(["cc", *flags, str(SNIPPETS / "receipts.c"), "-lzmq", "-o", str(program)], check=True)
    return [str(program)]


@pytest.mark.parametrize("language", ["python", "c"])
def test_the_consumer_of_the_page_is_counted(language: str, tmp_path: Path) -> None:
    command = [sys.executable, str(SNIPPETS / "counted.py")] if language == "python" else compiled_consumer(tmp_path)
    handler, receipts = f"ipc://{tmp_path}/handler.ipc", f"ipc://{tmp_path}/receipts.ipc"
    document = documents.replace_all(
        documents.load(DOCS / "presets" / "counted-consumer.json"),
        [
            ("bench.duration_s", 120),
            ("output.handlers.zmq-publisher.uri", f"zmq://{handler}"),
            ("bench.listeners.zmq-publisher[0].receipts", receipts),
        ],
    )

    async def stop_after_some(session: Session) -> None:
        await until(lambda: session.phase is Phase.RUNNING)
        (listener,) = session.listeners.values()
        await until(lambda: listener.counts.received >= ENOUGH)
        session.stop()

    with subprocess.Popen([*command, handler, "analytics", receipts]) as consumer:
        try:
            finished = run(document, stop_after_some)
        finally:
            consumer.terminate()
    assert_balanced(finished.result)
    row = finished.handler("zmq-publisher").listeners["my-consumer"]
    assert row.received >= ENOUGH
    assert row.service_us.count == row.received
    assert "zmq-publisher/my-consumer: counted by the receipts of your consumer" in notes_of(finished.result)
