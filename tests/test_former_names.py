"""Programs written for 0.1.0 find the library's modules where the reference of 0.1.0 had them."""

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
def test_a_former_module_has_the_very_objects_of_todays_and_says_where_they_are(
    former: str, names: tuple[str, ...]
) -> None:
    program = f"""
import importlib, sys, warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    former = importlib.import_module({former!r})
today = importlib.import_module({MOVED[former]!r})
assert all(getattr(former, name) is getattr(today, name) for name in {names!r})
assert today.__name__ == {MOVED[former]!r}
print([str(one.message) for one in caught if one.category is DeprecationWarning])
"""
    told = subprocess.check_output([sys.executable, "-c", program], text=True)
    assert told == f"['{former} is now {MOVED[former]}']\n"


def test_every_former_name_is_one_that_was_documented() -> None:
    assert set(MOVED) == {former for former, _ in DOCUMENTED}
