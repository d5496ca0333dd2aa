"""Events as JSON: what JSON cannot hold is refused, converted or replaced, and never changed silently."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app import Output, ZmqClient
from bench_app.errors import InputError
from bench_app.library.encoding import encode, encode_converting, encoder_for
from tests.library.ends import NOWHERE

NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.none() | st.booleans() | NUMBERS | st.text()
UNENCODABLE = st.sampled_from([math.nan, math.inf, -math.inf, b"a", bytearray(b"a"), {1}, frozenset()])


def nested(leaf: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaf, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner), max_leaves=8
    )


@dataclasses.dataclass
class Reading:
    """An event of a program."""

    value: Any


class Point(msgspec.Struct):
    """Another event of a program."""

    x: Any


@given(nested(PLAIN))
def test_what_json_can_hold_is_encoded(event: Any) -> None:
    assert json.loads(encode(event)) == json.loads(json.dumps(event))
    assert encoder_for(str)(event) == encode(event)


@given(nested(PLAIN), UNENCODABLE)
def test_a_value_that_json_cannot_hold_is_found_at_any_depth(event: Any, bad: Any) -> None:
    for wrapped in (bad, [event, bad], {"a": {"b": (bad,)}, "c": event}, Reading(bad), [Point(bad)]):
        with pytest.raises(InputError, match="this event cannot be written as JSON: "):
            encode(wrapped)
        assert encoder_for(lambda value: "replaced")(wrapped).count(b"replaced") >= 1
        assert encode_converting(wrapped)


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"a": [1, math.nan]}, r"\$\.a\[1\] is nan"),
        ({"a": {"b": {1}}}, r"\$\.a\.b is set"),
        ({b"key": 1}, r"\$, a key is bytes"),
        (b"text", r"\$ is bytes"),
    ],
)
def test_the_error_names_the_place(event: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        encode(event)


def test_the_program_chooses() -> None:
    event = {"a": math.nan, "b": {1}, "c": b"\0", "d": None}
    assert encoder_for("convert")(event) == b'{"a":null,"b":[1],"c":"AA==","d":null}'
    assert encoder_for(repr)(event) == b'{"a":"nan","b":"{1}","c":"b\'\\\\x00\'","d":null}'
    with pytest.raises(InputError, match="this event cannot be written as JSON"):
        encoder_for(lambda value: value)(event)
    with pytest.raises(InputError, match="on_unencodable: expected"):
        encoder_for("ignore")  # type: ignore[arg-type]


def test_output_and_client_pass_the_choice_on() -> None:
    with Output("strict") as output, ZmqClient("strict", {"socket_type": "PUSH", "linger": 0}) as client:
        output.add_handler("h", NOWHERE, "events", {"linger": 0})
        client.connect(NOWHERE)
        for write in (lambda: output.write("events", {1}), lambda: client.write_message("", {1})):
            with pytest.raises(InputError, match=r"\$ is set"):
                write()
    with (
        Output("lax", on_unencodable="convert") as output,
        ZmqClient("lax", {"socket_type": "PUSH", "linger": 0}, on_unencodable=sorted) as client,
    ):
        handler = output.add_handler("h", NOWHERE, "events", {"linger": 0})
        client.connect(NOWHERE)
        assert output.write("events", {1}) == 1 and handler.write({1}) and client.write_message("", {1})
