from __future__ import annotations

import io

import msgspec

from bench_app.cli.command_console import CommandConsole
from bench_app.cli.sweep_table import print_sweep
from bench_app.sweeps.axes import Axis
from bench_app.sweeps.sweep import Cell, Repeat, SweepResult, format_value

P50 = "latency.service.p50_ms"


def repeat(p50_ms: float, verdict: str = "pass") -> Repeat:
    return Repeat(verdict=verdict, metrics={P50: p50_ms, "drops": 0.0}, reason="busy")  # type: ignore[arg-type]


RESULT = SweepResult(
    preset="p",
    seed=1,
    axes=[Axis("a", [1, 2]), Axis("plane", ["python"])],
    cells=[
        Cell(values=[1, "python"], repeats=[repeat(1), repeat(3), repeat(2)]),
        Cell(values=[2, "python"], repeats=[repeat(9, "invalid"), repeat(4)]),
    ],
)


def shown(width: int) -> str:
    out = io.StringIO()
    print_sweep(CommandConsole(file=out, width=width), RESULT)
    return out.getvalue()


def test_a_row_has_the_median_and_the_bounds_of_the_valid_runs() -> None:
    text = shown(120)
    assert "2.000 ms (1.000 .. 3.000)" in text
    assert "4.000 ms" in text and "9.000" not in text
    assert "1, 1 invalid" in text
    assert "1 of 5 runs are invalid and do not count; the first reason: busy" in text


def test_over_a_metric_the_rows_are_in_its_order() -> None:
    out = io.StringIO()
    print_sweep(CommandConsole(file=out, width=120), msgspec.structs.replace(RESULT, over="drops"), [P50])
    rows = [line for line in out.getvalue().splitlines() if "python" in line]
    assert len(rows) == 2 and out.getvalue().index("drops") < out.getvalue().index(P50)


def test_a_narrow_terminal_has_fewer_metrics() -> None:
    assert all(len(line) <= 44 for line in shown(44).splitlines() if "invalid and" not in line)


def test_the_main_metrics_that_were_measured_are_shown() -> None:
    assert RESULT.shown_metrics() == ["drops", P50]
    assert RESULT.shown_metrics([P50]) == [P50]
    assert (format_value("x"), format_value([1, None])) == ("x", "[1,null]")
