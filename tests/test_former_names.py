"""Programs for 0.1.0 can still import the module names that the reference of 0.1.0 documented."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bench_app.former_names import MOVED

DOCUMENTED = [
    ("bench_app.client", ("ClientConfig", "Message", "ZmqClient")),
    ("bench_app.connection", ("ConnectionState",)),
    ("bench_app.output", ("Output",)),
    ("bench_app.output_handler", ("HandlerState", "HandlerStats", "OutputHandler")),
]


@pytest.mark.parametrize(("former", "names"), DOCUMENTED)
def test_a_former_module_has_the_same_objects_and_a_warning_names_the_present_module(
    former: str, names: tuple[str, ...]
) -> None:
    program = f"""
import importlib, sys, warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    former = importlib.import_module({former!r})
present = importlib.import_module({MOVED[former]!r})
assert all(getattr(former, name) is getattr(present, name) for name in {names!r})
assert present.__name__ == {MOVED[former]!r}
print([str(one.message) for one in caught if one.category is DeprecationWarning])
"""
    printed = subprocess.check_output([sys.executable, "-c", program], text=True)
    assert printed == f"['{former} is now {MOVED[former]}']\n"


def test_every_former_name_was_documented() -> None:
    assert set(MOVED) == {former for former, _ in DOCUMENTED}
