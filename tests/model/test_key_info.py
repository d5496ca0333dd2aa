"""The annotation of a key: facts shared by two specs, and the patterns that each spec refuses."""

from __future__ import annotations

from typing import Annotated

import pytest

from bench_app.model import Spec
from bench_app.model.key_info import ALL_PATTERNS, Change, Group, KeyInfo, ZmqOption, info_in, key, refused_for
from bench_app.model.keys import key_of

Shared = Annotated[
    bool,
    key("A key of two specs", change=Change.LIVE, group=Group.CONNECTION, zmq=ZmqOption("IMMEDIATE"), label="Both"),
]


class Sender(Spec, frozen=True):
    shared: Annotated[Shared, refused_for({"PUB": "which is an example here"})] = False


class Receiver(Spec, frozen=True):
    shared: Shared = False


def test_a_shared_key_has_the_same_facts_in_both_specs_except_for_the_refused_patterns() -> None:
    ours, others = key_of(Sender, "shared"), key_of(Receiver, "shared")
    assert (ours.description, ours.label) == (others.description, others.label) == ("A key of two specs", "Both")
    assert ours.info.zmq == others.info.zmq == ZmqOption("IMMEDIATE")
    assert ours.info.change is others.info.change is Change.LIVE
    assert ours.info.group is others.info.group is Group.CONNECTION
    assert (ours.info.patterns, others.info.patterns) == (("PUSH", "REQ"), ALL_PATTERNS)


@pytest.mark.parametrize(
    ("info", "patterns"),
    [
        (KeyInfo(), ("PUB", "PUSH", "REQ")),
        (KeyInfo(only_for=("REQ",)), ("REQ",)),
        (KeyInfo(refused_for={"PUB": "x", "REQ": "y"}), ("PUSH",)),
        (KeyInfo(only_for=("PUB", "PUSH"), refused_for={"PUB": "x"}), ("PUSH",)),
    ],
)
def test_a_pattern_can_use_a_key_that_has_an_effect_there(info: KeyInfo, patterns: tuple[str, ...]) -> None:
    assert info.patterns == patterns


def test_a_field_without_an_annotation_has_no_info() -> None:
    assert info_in(None) is None
    assert info_in({"unit": "ms"}) is None
