"""What a sweep varies: ``PATH=V1,V2,...`` -> **axis** -> settings of each cell. Pure.

An axis is a key of the preset by its path, or one of the two things that a run has beside its preset: ``plane`` and
``libzmq``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import msgspec

from bench_app.data_plane.choice import AS_INSTALLED, PlaneChoice, PlaneName, usable_libzmq
from bench_app.errors import InputError
from bench_app.model.json_path import parse_assignment

PLANE = "plane"
LIBZMQ = "libzmq"
MOST_CELLS = 10_000
_PLANES: dict[str, PlaneName] = {"compiled": "compiled", "python": "python"}
_OPENING, _CLOSING = "[{", "]}"


class Axis(msgspec.Struct, frozen=True):
    """The values of one key, in the order of the command."""

    path: str
    values: list[Any]


@dataclass(frozen=True)
class Setting:
    """What one run changes.

    Attributes:
        assignments: values of the preset by their paths.
        choice: the data plane and the libzmq of its workers.
    """

    assignments: tuple[tuple[str, Any], ...] = ()
    choice: PlaneChoice = AS_INSTALLED


def parse_axis(text: str) -> Axis:
    """``PATH=V1,V2,...``. Each value is JSON where it is valid JSON, otherwise text. Raises InputError.

    Commas within brackets and quotes are parts of a value.
    """
    path, _ = parse_assignment(text)
    _, _, listed = text.partition(f"{path}")[2].partition("=")
    values = [parse_assignment(f"{path}={value}")[1] for value in _split(listed)]
    if not listed.strip() or "" in values:
        raise InputError(f'"{text}": PATH=V1,V2,... was expected, such as bench.io_threads=1,2,4')
    if len({msgspec.json.encode(value) for value in values}) < len(values):
        raise InputError(f'"{text}": a value stands there twice')
    return Axis(path, values)


def grid(axes: Sequence[Axis]) -> list[tuple[Any, ...]]:
    """The values of each cell, those of the last axis changing fastest. Raises InputError."""
    paths = [axis.path for axis in axes]
    if len(set(paths)) < len(paths):
        raise InputError("a path is varied twice")
    count = 1
    for axis in axes:
        count *= len(axis.values)
    if count > MOST_CELLS:
        raise InputError(f"the grid has {count:,} cells; at most {MOST_CELLS:,} are possible")
    return list(product(*(axis.values for axis in axes)))


def make_setting(pairs: Iterable[tuple[str, Any]], common: PlaneChoice) -> Setting:
    """The setting of ``(path, value)`` pairs; ``common`` has the plane and the libzmq where no pair sets them.

    Raises InputError if there is no such plane or file.
    """
    plane, libzmq = common.plane, common.libzmq
    assignments = []
    for path, value in pairs:
        if path == PLANE:
            plane = _plane(value)
        elif path == LIBZMQ:
            libzmq = None if value in ("installed", None) else usable_libzmq(Path(str(value)))
        else:
            assignments.append((path, value))
    return Setting(tuple(assignments), PlaneChoice(plane, libzmq))


def _plane(value: Any) -> PlaneName:
    if value not in _PLANES:
        raise InputError(f"plane={value}: one of {', '.join(_PLANES)} was expected")
    return _PLANES[value]


def _split(listed: str) -> Iterator[str]:
    depth, in_string, begin = 0, False, 0
    for place, character in enumerate(listed):
        if character == '"' and listed[place - 1 : place] != "\\":
            in_string = not in_string
        elif not in_string:
            depth += (character in _OPENING) - (character in _CLOSING)
            if character == "," and depth == 0:
                yield listed[begin:place]
                begin = place + 1
    yield listed[begin:]
