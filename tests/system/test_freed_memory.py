"""Freed memory is kept, where the C library can do this."""

from __future__ import annotations

import subprocess
import sys

import pytest

# A process allocates, touches and frees 4 MB again and again. It prints whether memory is kept, and its page faults.
PROGRAM = """
import ctypes, resource
from bench_app.system.freed_memory import keep_freed_memory
kept = {call}
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(64):
    memory = ctypes.c_void_p(library.malloc(4_000_000))
    ctypes.memset(memory, 1, 4_000_000)
    library.free(memory)
print(int(kept), resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def found(call: str) -> tuple[bool, int]:
    output = subprocess.check_output([sys.executable, "-c", PROGRAM.replace("{call}", call)], text=True)
    kept, faults = map(int, output.split())
    return bool(kept), faults


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such function")
def test_freed_memory_is_touched_for_the_first_time_only_once() -> None:
    kept, faults = found("keep_freed_memory()")
    # One time 4 MB are 977 pages of 4 KiB.
    assert not kept or faults < 2 * 977


def test_a_library_without_the_function_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from bench_app.system import freed_memory

    monkeypatch.setattr(freed_memory.ctypes, "CDLL", lambda name: object())
    assert not freed_memory.keep_freed_memory()
