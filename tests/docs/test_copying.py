"""The button that copies code takes the commands of a terminal session without prompts and output."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from tests.docs.pages import DOCS

SESSION = "$ zmq-bench check a.json\na.json: good, 1 enabled handler\n  $ zmq-bench run a.json\n"


def copied(text: str, is_console: bool) -> str:
    script = json.dumps(str(DOCS / "_static" / "bench.js"))
    program = f"console.log(JSON.stringify(require({script}).copied(...process.argv.slice(1).map(JSON.parse))))"
    command = ["node", "-e", program, json.dumps(text), json.dumps(is_console)]
    return str(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node")
def test_only_the_commands_of_a_session_are_copied() -> None:
    assert copied(SESSION, True) == "zmq-bench check a.json\nzmq-bench run a.json\n"
    assert copied(SESSION, False) == SESSION
