"""The reader of YAML: text from outside -> **reader with limits** -> values.

YAML has a danger that JSON has not: an alias repeats a value, and aliases of aliases repeat it a million times in a
short text. So the depth and the number of values are counted with all repetitions, before any value is made.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from bench_app.untrusted.json_depth import MAX_DEPTH
from bench_app.untrusted.json_reader import TOO_DEEP

MAX_VALUES = 1_000_000
"""The most values that a text may have."""


class BadYamlError(ValueError):
    """A text that is not YAML, or that exceeds a limit. The text of the error says why."""


@dataclass
class _Open:
    """A value that has begun: its anchor, how many values it has so far, and how deep they are."""

    anchor: str | None
    count: int = 1
    height: int = 0


def read_yaml(text: bytes) -> Any:
    """The value of a YAML text as plain data. Raises BadYamlError, and ImportError without PyYAML."""
    yaml: Any = importlib.import_module("yaml")
    try:
        _refuse_too_much(yaml, text)
        return yaml.safe_load(text)
    except BadYamlError:
        raise
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # A date that does not exist is a ValueError.
        raise BadYamlError(f"no YAML: {error}") from error


def _refuse_too_much(yaml: Any, text: bytes) -> None:
    """Raise BadYamlError if the values are too many or too deep, each alias counted as the value that it repeats."""
    begun = [_Open(None, count=0)]
    anchored: dict[str, _Open] = {}
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            begun.append(_Open(event.anchor, height=1))
        elif isinstance(event, yaml.CollectionEndEvent):
            _add(begun, anchored, begun.pop())
        elif isinstance(event, yaml.ScalarEvent):
            _add(begun, anchored, _Open(event.anchor))
        elif isinstance(event, yaml.AliasEvent):
            repeated = anchored.get(event.anchor)
            if repeated is None:
                raise BadYamlError(f"the alias {event.anchor} is unknown, or within the value that it repeats")
            _add(begun, anchored, _Open(None, repeated.count, repeated.height))
        if len(begun) - 1 > MAX_DEPTH:
            raise BadYamlError(TOO_DEEP)


def _add(begun: list[_Open], anchored: dict[str, _Open], value: _Open) -> None:
    if value.anchor is not None:
        anchored[value.anchor] = value
    around = begun[-1]
    around.count += value.count
    around.height = max(around.height, value.height + 1)
    if around.count > MAX_VALUES:
        raise BadYamlError(f"more than {MAX_VALUES:,} values, with those that its aliases repeat")
    if around.height + len(begun) - 2 > MAX_DEPTH:
        raise BadYamlError(TOO_DEEP)
