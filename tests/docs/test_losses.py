"""The programs that count what a consumer lost give the same answer in each language."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench_app.transport import stamp
from tests.docs.pages import DOCS

SNIPPETS = DOCS / "snippets"


def body(run: int, handler: int, number: int) -> str:
    """A body as the bench writes it."""
    wrapped = stamp.wrap(stamp.Identity(run, handler), b'{"id": 1}')
    wrapped[stamp.TIMES_AT : stamp.TIMES_AT + stamp.TIMES_LENGTH] = stamp.times(number, 10**9, 2**40)
    return wrapped.decode()


ARRIVED = [
    *(body(0xABC, 1, number) for number in (7, 8, 5, 12, 11, 12)),  # 6, 9 and 10 are missing, 12 came twice
    "analytics.events " + body(0xABC, 2, 1),  # with the topic in front
    body(0x123, 1, 2**40),
    '{"id": 1}',
    '{"_bench":"1-short"}',
]
REPORT = """\
run 00000123 handler 0001: received 1, first 1099511627776, last 1099511627776, missing 0, duplicates 0
run 00000abc handler 0001: received 5, first 5, last 12, missing 3, duplicates 1
run 00000abc handler 0002: received 1, first 1, last 1, missing 0, duplicates 0
without a stamp: 2
"""


def report(*command: str) -> str:
    """What a program prints about ARRIVED."""
    text = "".join(f"{line}\n" for line in ARRIVED)
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def test_python() -> None:
    assert report(sys.executable, str(SNIPPETS / "losses.py")) == REPORT


@pytest.mark.skipif(shutil.which("g++") is None, reason="there is no C++ compiler")
def test_cpp(tmp_path: Path) -> None:
    program = tmp_path / "losses"
    command = ["g++", "-std=c++17", "-Wall", "-Wextra", "-Werror", str(SNIPPETS / "losses.cpp"), "-o", str(program)]
    subprocess.run(command, check=True)
    assert report(str(program)) == REPORT


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node")
def test_javascript() -> None:
    assert report("node", str(SNIPPETS / "losses.mjs")) == REPORT
