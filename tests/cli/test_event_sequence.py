"""Numbers in the events of other systems, and the loss and order computed from them."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
import zmq
from hypothesis import given
from hypothesis import strategies as st

from bench_app.cli.event_sequence import HIGHEST, LISTED_TOPICS, LOWEST, MOST_TOPICS, EventSequences
from bench_app.errors import InputError
from tests.cli.command import COMMAND
from tests.library.ends import connected


def sequences_of(*events: tuple[str, Any], path: str = "seq") -> EventSequences:
    sequences = EventSequences(path)
    for topic, event in events:
        sequences.add(topic, event)
    return sequences


VALUES = st.integers() | st.booleans() | st.floats() | st.text(st.characters(codec="utf-8")) | st.none()
EVENTS = st.one_of(VALUES.map(lambda value: {"a": {"n": value}}), st.just({"a": {}}), st.just([1]), st.binary())


@given(st.lists(st.tuples(st.sampled_from(["", "x", "y"]), EVENTS)))
def test_every_event_is_in_one_count(events: list[tuple[str, Any]]) -> None:
    sequences = sequences_of(*events, path="a.n")
    sequences.lines()
    received = sum(stream.received for stream in sequences.topics.values())
    assert sequences.missing + sequences.unreadable + sequences.not_followed + received == len(events)
    numbers = [event["a"]["n"] for _, event in events if isinstance(event, dict) and event["a"]]
    assert received == sum(type(number) is int and LOWEST <= number <= HIGHEST for number in numbers)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 50))))
def test_each_topic_has_a_sequence_of_its_own(events: list[tuple[str, int]]) -> None:
    sequences = sequences_of(*((topic, {"seq": number}) for topic, number in events))
    for topic in "abc":
        alone = sequences_of(*((at, {"seq": number}) for at, number in events if at == topic))
        ours, theirs = sequences.topics.get(topic), alone.topics.get(topic)
        assert (ours is None) == (theirs is None)
        if ours is not None and theirs is not None:
            assert (ours.missing, ours.duplicates) == (theirs.missing, theirs.duplicates)
            assert (ours.reordered, ours.received) == (theirs.reordered, theirs.received)


@pytest.mark.parametrize("value", [None, True, "17", 17.0, [17], {"n": 17}, LOWEST - 1, HIGHEST + 1, 10**400])
def test_values_that_are_no_numbers(value: Any) -> None:
    sequences = sequences_of(("", {"seq": value}))
    assert (sequences.unreadable, sequences.topics) == (1, {})
    assert sequences.lines()[0].startswith("field seq is no integer of 64 bits in 1 message (the first: ")


def test_the_summary_has_all_topics_and_each() -> None:
    camera = [5, 6, 9, 8, 9, 3]
    events = [*(("camera", {"h": {"n": number}}) for number in camera), ("lidar", {"h": {"n": 1}})]
    events += [("lidar", {"h": 1}), ("lidar", b"text"), ("lidar", {"h": {"n": "soon"}})]
    assert sequences_of(*events, path="h.n").lines() == [
        "field h.n: 7 numbers, 1 missing in 1 gap, 1 duplicate, 2 reordered (1 before the first), 0 restarts",
        "field h.n, topic camera: 6 numbers, 1 missing in 1 gap, 1 duplicate, 2 reordered (1 before the first), "
        "0 restarts",
        "field h.n, topic lidar: 1 number, 0 missing, 0 duplicates, 0 reordered, 0 restarts",
        "2 messages without field h.n",
        'field h.n is no integer of 64 bits in 1 message (the first: "soon")',
    ]
    assert sequences_of().lines() == []


def test_a_notice_names_its_topic() -> None:
    sequences = sequences_of(("", {"seq": 13}), ("\x1b[2J" + "x" * 1_000, {"seq": 13}))
    assert sequences.add("", {"seq": 17}) == ["gap: 3 missing before 17"]
    [notice] = sequences.add("\x1b[2J" + "x" * 1_000, {"seq": 15})
    assert notice.startswith("gap: 1 missing before 15 (topic \\x1b[2Jxxx")
    assert len(notice) < 110


def test_the_number_of_topics_is_bounded() -> None:
    sequences = sequences_of(*((f"t{number}", {"seq": 1}) for number in range(MOST_TOPICS + 5)), ("t0", {"seq": 4}))
    assert (len(sequences.topics), sequences.not_followed) == (MOST_TOPICS, 5)
    assert sequences.lines() == [
        "field seq: 1,001 numbers, 2 missing in 1 gap, 0 duplicates, 0 reordered, 0 restarts",
        "field seq is not followed in 5 messages: their topics came after the first 1,000",
    ]
    few = sequences_of(*((f"t{number}", {"seq": 1}) for number in range(LISTED_TOPICS)))
    assert len(few.lines()) == 1 + LISTED_TOPICS


def test_numbers_too_old_to_know_are_in_the_summary() -> None:
    numbers = [*range(0, 2_004, 2), 1]
    [line] = sequences_of(*(("", {"seq": number}) for number in numbers)).lines()
    assert line.endswith("0 restarts, 1 too old to know whether duplicate or reordered")


def test_text_that_is_no_path_is_refused() -> None:
    with pytest.raises(InputError, match="column"):
        EventSequences("a..b")


def test_listen_finds_the_faults_of_a_plain_sender() -> None:
    numbers = [*range(10, 14), 17, 16, 17, 18, *range(19, 300), *range(1, 21)]
    arguments = ["--type", "PULL", "--count", str(len(numbers) + 1), "--sequence-field", "header.seq"]
    with subprocess.Popen(
        [*COMMAND, "listen", "bind:tcp://127.0.0.1:*", *arguments], stdout=subprocess.PIPE, text=True
    ) as listener:
        assert listener.stdout is not None
        endpoint = listener.stdout.readline().split()[-1]
        with connected(zmq.PUSH, endpoint) as push:
            push.send(b"no number")
            for number in numbers:
                push.send_string(json.dumps({"header": {"seq": number}}))
            printed = listener.stdout.read()
    assert listener.returncode == 0
    for line in (
        "gap: 3 missing before 17",
        "restart: the numbers begin anew at 1, after 299",
        "field header.seq: 309 numbers, 2 missing in 1 gap, 1 duplicate, 1 reordered, 1 restart",
        "1 message without field header.seq",
    ):
        assert line in printed.splitlines()
