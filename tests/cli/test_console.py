"""What the commands print: control characters, characters that cannot be encoded, one way out for all commands."""

from __future__ import annotations

import ast
import io
import sys
from pathlib import Path

import pytest

from bench_app.cli import console as console_module
from bench_app.cli.console import echo, echo_error, echo_json, replace_unencodable

HOSTILE = "\x1b[31m\x9b2J\u202e\x07"
SHOWN = r"\x1b[31m\x9b2J\u202e\x07"


def test_lines_are_filtered(capfd: pytest.CaptureFixture[str]) -> None:
    echo(f"a\n{HOSTILE}")
    echo_error(HOSTILE)
    echo_json('{"a": "\x9b日本"}\n'.encode())
    assert capfd.readouterr() == (f'a\n{SHOWN}\n{{"a": "\\u009b日本"}}\n', f"{SHOWN}\n")


def test_what_cannot_be_encoded_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="iso-8859-1")
    monkeypatch.setattr(sys, "stdout", stream)
    replace_unencodable()
    print("Köln → 日本", flush=True)
    assert stream.buffer.getvalue() == "Köln ? ??\n".encode("iso-8859-1")  # type: ignore[attr-defined]


def test_every_command_prints_through_the_console() -> None:
    for file in Path(console_module.__file__).parent.glob("*.py"):
        names = {ast.unparse(node.func) for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)}
        allowed = {"click.echo"} if file.name == "console.py" else set()
        assert names & {"click.echo", "click.secho", "print", "Console", "sys.stdout.write"} <= allowed, file.name
