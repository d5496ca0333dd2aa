"""The adviser names one loss, the costliest, and is silent without one."""

from __future__ import annotations

import re

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from bench_app.advice.advice import Rule
from bench_app.advice.adviser import advise, costliest
from bench_app.advice.situation import HandlerSituation
from bench_app.advice.texts import seconds_text, value_text
from bench_app.model import BurstLoad, ConstantLoad
from bench_app.model.json_path import parse_path
from tests.advice.situations import PUB, REQ, handler, listener

CONFIGS = [{}, PUB, REQ]
LOSSES = ["queue_overflow", "send_timeout", "request_timeout", "aborted"]

sizes = st.integers(1, 5000)
times_ms = st.integers(0, 3000)
stalls = st.none() | st.tuples(st.floats(0, 3), st.floats(3.1, 8)).map(list)
delays_ms = st.just(0.0) | st.floats(0.01, 50)


@st.composite
def losing(draw: st.DrawFn) -> HandlerSituation:
    """A handler of any pattern that lost something, with any settings."""
    limits = {"high_water_mark": draw(sizes), "queue_size": draw(sizes), "send_timeout": draw(times_ms)}
    service = {"request_timeout": draw(st.integers(1, 500)), "retries": draw(st.integers(0, 5))}
    config = draw(st.sampled_from(CONFIGS)) | limits | service | {"linger": draw(times_ms)}
    bench = {
        "start_gate": draw(st.booleans()),
        "no_drop": config.get("socket_type") == "PUB" and draw(st.booleans()),
        "heartbeat_interval": draw(st.sampled_from([0, 100])),
        "high_water_mark_set": draw(st.sampled_from(["before", "after"])),
    }
    specs = st.fixed_dictionaries(
        {
            "delay_ms": delays_ms,
            "delay_jitter_ms": delays_ms,
            "stall": stalls,
            "drop_replies": st.sampled_from([0.0, 0.3]),
        }
    )
    listeners = [
        listener(
            f"l{number}",
            draw(specs),
            path=draw(st.sampled_from([None, ("bench", "listeners", "h", number)])),
            lost=draw(st.integers(0, 9)),
            before_join=draw(st.integers(0, 9)),
            rate=draw(st.just(0.0) | st.floats(1, 5000)),
            deaths=draw(st.integers(0, 1)),
        )
        for number in range(draw(st.integers(0, 3)))
    ]
    load = draw(
        st.builds(ConstantLoad, rate=st.floats(1, 20_000))
        | st.builds(BurstLoad, rate=st.just(1e5), events=st.integers(10, 9000), every_s=st.floats(0.5, 5))
    )
    return handler(
        *listeners,
        config=config,
        bench=bench,
        load=load,
        duration_s=draw(st.sampled_from([3.0, 10.0, 60.0, 90 * 86_400.0])),
        counts={cause: draw(st.integers(0, 9)) for cause in LOSSES},
        lost=draw(st.integers(0, 9)),
        ever_connected=draw(st.booleans()),
        gave_up=draw(st.booleans()),
        message_bytes=draw(st.sampled_from([500.0, 1e6])),
    )


def room_named(remedy: str) -> int:
    """The messages that the sentence wants room for; 0 if it names none."""
    found = re.search(r"(?:room|a queue) for ([0-9,]+)", remedy)
    return int(found[1].replace(",", "")) if found else 0


@given(losing())
def test_the_sentence_names_each_value_that_is_proposed(situation: HandlerSituation) -> None:
    for advice in advise([situation]):
        for path, value in advice.proposal.items():
            assert f"{parse_path(path)[-1]} {value_text(value)}" in advice.proposed


@given(losing())
def test_the_sentence_names_nothing_that_is_not_proposed(situation: HandlerSituation) -> None:
    for advice in advise([situation]):
        assert bool(advice.proposed) == bool(advice.proposal)
        proposed = {f"{parse_path(path)[-1]} {value_text(value)}" for path, value in advice.proposal.items()}
        # "add 2 more listeners" has a number, too: it is how many listeners the proposal has settings for.
        settings = re.sub(r"\badd ([0-9]+) more listeners?\b", "", advice.proposed)
        # The price of a longer linger is its number once more.
        settings, _, price = settings.partition("; ")
        lingers = [float(value) for path, value in advice.proposal.items() if path.endswith(".linger")]
        assert price == "".join(f"the run may then last {seconds_text(ms / 1000)} longer" for ms in lingers)
        assert set(re.findall(r"([a-z]+_?[a-z_]* (?:true|[0-9][0-9.,]*\b))", settings)) <= proposed
        added = re.search(r"\badd ([0-9]+) more listener", advice.proposed)
        if added:
            units = {parse_path(path)[:-1] for path in advice.proposal}
            assert int(added[1]) == len({unit for unit in units if unit[:2] == ("bench", "listeners")})


@given(losing())
def test_a_proposal_is_never_below_what_the_sentence_names(situation: HandlerSituation) -> None:
    for advice in advise([situation]):
        room = room_named(advice.remedy)
        for path, value in advice.proposal.items():
            key = parse_path(path)[-1]
            if key == "high_water_mark" or (key == "queue_size" and advice.rule is not Rule.RECONNECT):
                assert float(value) >= room, advice.message
            if key.startswith("delay"):
                assert float(value) > 0, advice.message


@given(losing())
def test_a_proposal_only_changes_what_is_not_enough(situation: HandlerSituation) -> None:
    larger = {"high_water_mark", "queue_size", "send_timeout", "linger", "request_timeout", "retries"}
    for advice in advise([situation]):
        for path, value in advice.proposal.items():
            key = str(parse_path(path)[-1])
            if key in larger:
                assert float(value) > getattr(situation.config, key), advice.message


def test_the_costliest_comes_first() -> None:
    small = listener("small", {"delay_ms": 5}, lost=10)
    large = listener("large", {"stall": [0, 9]}, lost=1000)
    found = advise([handler(small, large, config=PUB)])
    assert [advice.unit for advice in found] == ["h/large", "h/small"]
    assert costliest([handler(small, large, config=PUB)]) == found[0]


def test_one_loss_has_one_advice_that_of_the_earlier_cause() -> None:
    bench = {"heartbeat_interval": 100}
    found = advise([handler(listener("late", {"stall": [0, 9]}, lost=1000), config=PUB, bench=bench)])
    assert [advice.rule for advice in found] == [Rule.HEARTBEAT]


def test_without_a_loss_it_is_silent() -> None:
    assert costliest([handler(listener(), config=PUB), handler(listener(spec={"delay_ms": 5}))]) is None
    assert costliest([]) is None


def test_a_loss_without_a_reason_has_no_advice() -> None:
    assert costliest([handler(listener(lost=500, rate=1000.0), config=PUB, lost=500)]) is None


def test_of_a_reading_that_is_not_sound_only_what_is_certain_counts() -> None:
    measured = handler(listener(lost=10, rate=400.0), config=PUB)
    assert costliest([measured]) is not None
    assert costliest([measured], only_certain=True) is None
    assert costliest([handler(listener(spec={"delay_ms": 5}, lost=10), config=PUB)], only_certain=True) is not None


def test_situations_are_plain() -> None:
    found = costliest([handler(listener(spec={"delay_ms": 5}, lost=10), config=PUB)])
    assert found is not None
    assert msgspec.json.decode(msgspec.json.encode(found), type=type(found)) == found
