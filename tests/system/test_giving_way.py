from __future__ import annotations

from pathlib import Path

import pytest

from bench_app.system.giving_way import REST_S, GivingWay


@pytest.mark.parametrize(
    ("ran_ns", "waited_ns", "rest_s"),
    [(1000, 0, 0.0), (1000, 100, 0.0), (1000, 101, REST_S), (0, 0, 0.0), (0, 1, REST_S)],
)
def test_a_process_that_waited_for_a_processor_rests(
    tmp_path: Path, ran_ns: int, waited_ns: int, rest_s: float
) -> None:
    file = tmp_path / "schedstat"
    file.write_text("5000 7000 3\n")
    giving_way = GivingWay(file)
    file.write_text(f"{5000 + ran_ns} {7000 + waited_ns} 4\n")
    assert giving_way.rest_s() == rest_s
    assert giving_way.rest_s() == 0.0, "what was told does not count twice"


@pytest.mark.parametrize("content", [None, "", "no numbers here", "1 2"])
def test_it_never_rests_where_the_system_does_not_tell(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "schedstat"
    if content is not None:
        file.write_text(content)
    giving_way = GivingWay(file)
    assert giving_way.rest_s() == 0.0


def test_the_kernel_tells_of_this_process() -> None:
    assert GivingWay().rest_s() in (0.0, REST_S)
