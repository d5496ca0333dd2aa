from __future__ import annotations

from pathlib import Path

import pytest

from bench_app.data_plane.choice import PlaneChoice
from bench_app.errors import InputError
from bench_app.sweeps.axes import Axis, grid, make_setting, parse_axis


@pytest.mark.parametrize(
    "text, path, values",
    [
        ("bench.io_threads=1,2,4", "bench.io_threads", [1, 2, 4]),
        ("plane=compiled,python", "plane", ["compiled", "python"]),
        ('a["b,c=d"].e=[1,2],[3],{"x":[4,5]}', 'a["b,c=d"].e', [[1, 2], [3], {"x": [4, 5]}]),
        ('a="x,y",z', "a", ["x,y", "z"]),
        ("a=true,null,0.5", "a", [True, None, 0.5]),
        ("a=5", "a", [5]),
    ],
)
def test_commas_within_brackets_and_quotes_separate_no_values(text: str, path: str, values: list[object]) -> None:
    assert parse_axis(text) == Axis(path, values)


@pytest.mark.parametrize("text", ["a", "a=", "=1,2", "a=1,,2", "a=1,1", "a..b=1"])
def test_what_is_no_axis_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_axis(text)


def test_the_grid_has_every_combination_and_the_last_axis_changes_fastest() -> None:
    assert grid([Axis("a", [1, 2]), Axis("b", ["x", "y"])]) == [(1, "x"), (1, "y"), (2, "x"), (2, "y")]
    with pytest.raises(InputError, match="twice"):
        grid([Axis("a", [1]), Axis("a", [2])])
    with pytest.raises(InputError, match="at most"):
        grid([Axis("a", list(range(200))), Axis("b", list(range(200)))])


def test_the_plane_and_the_libzmq_are_no_keys_of_the_preset(tmp_path: Path) -> None:
    library = tmp_path / "libzmq.so.5"
    library.touch()
    setting = make_setting([("plane", "python"), ("bench.io_threads", 2), ("libzmq", str(library))], PlaneChoice())
    assert setting.assignments == (("bench.io_threads", 2),)
    assert setting.choice == PlaneChoice("python", library)
    common = PlaneChoice("compiled", library)
    assert make_setting([], common).choice == common
    assert make_setting([("libzmq", "installed")], common).choice == PlaneChoice("compiled", None)
    with pytest.raises(InputError, match="plane=fast: one of compiled, python"):
        make_setting([("plane", "fast")], common)
