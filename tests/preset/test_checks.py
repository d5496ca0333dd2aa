from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.errors import CheckError, InputError
from bench_app.preset.checks import Check, CheckResult, evaluate, fits, parse_check

KNOWN = {
    "pub": ["fast", "slow"],
    "push": ["pull-1", "pull-2"],
    "req": ["rep-1"],
    "a/b": ["c"],
    "a": ["b", "b/c"],
    "x:y": ["z:1"],
}


def summary(**values: float | None) -> dict[str, Any]:
    return {"count": 10, "mean": 1000, "p50": 900, "p99": 3000, "p99_9": 4000, "max": 5000} | values


def listener(**values: Any) -> dict[str, Any]:
    counters = ("received", "lost", "before_join", "duplicates", "reordered", "foreign", "malformed")
    books: dict[str, Any] = {
        **dict.fromkeys(counters, 0),
        "rate": 0.0,
        "service_us": summary(),
        "response_us": summary(),
    }
    return books | values


def handler(socket_type: str, listeners: dict[str, Any], **values: Any) -> dict[str, Any]:
    counters = ("offered", "queue_overflow", "send_timeout", "aborted", "accepted", "bytes", "replied")
    more = ("request_timeout", "retries", "lost")
    books: dict[str, Any] = dict.fromkeys(counters + more, 0)
    books |= {"socket_type": socket_type, "rate": 0.0, "lateness_us": summary(), "listeners": listeners}
    return books | values


@pytest.fixture
def handlers() -> dict[str, Any]:
    fast = listener(received=100, before_join=1, rate=100.0, response_us=summary(p99=2000))
    slow = listener(received=60, lost=40, rate=60.0, response_us=summary(p99=8000))
    return {
        "pub": handler("PUB", {"fast": fast, "slow": slow}, offered=103, queue_overflow=3, lost=40, rate=100.0),
        "push": handler(
            "PUSH", {"pull-1": listener(received=50), "pull-2": listener(received=48)}, offered=100, lost=2, rate=50.0
        ),
        "req": handler(
            "REQ",
            {"rep-1": listener(received=9)},
            offered=10,
            replied=8,
            request_timeout=1,
            aborted=1,
            retries=3,
            round_trip_us=summary(p99=250.5),
        ),
    }


def outcome(text: str, handlers: dict[str, Any]) -> tuple[float | None, bool]:
    result = evaluate(parse_check(text, KNOWN), handlers)
    assert result.check == text
    return result.value, result.passed


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("drops == 0", (None, None, "drops", "==", 0)),
        ("latency.response.p99_ms < 5", (None, None, "latency.response.p99_ms", "<", 5)),
        ("  pub :rate>=1e3  ", ("pub", None, "rate", ">=", 1000.0)),
        ("pub/slow: lost != -2.5", ("pub", "slow", "lost", "!=", -2.5)),
        ("a/b: drops <= 1", ("a/b", None, "drops", "<=", 1)),
        ("a/b/c: received > 1", ("a/b", "c", "received", ">", 1)),
        ("x:y: drops == 0", ("x:y", None, "drops", "==", 0)),
        ("x:y/z:1: received == 0", ("x:y", "z:1", "received", "==", 0)),
    ],
)
def test_reads(text: str, check: tuple[Any, ...]) -> None:
    assert parse_check(text, KNOWN) == Check(text, *check)


def test_a_shorter_handler_is_taken_where_the_longer_has_no_such_listener() -> None:
    check = parse_check("a/b/c: received > 1", {"a": ["b/c"], "a/b": ["d"]})
    assert (check.handler, check.listener) == ("a", "b/c")


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("", 1, "a metric"),
        ("drop == 0", 1, "did you mean drops?"),
        ("pub: latency.response.p99 < 5", 6, "did you mean latency.response.p99_ms?"),
        ("latency.p99_ms < 5", 1, "a metric"),
        ("drops", 6, "one of < <="),
        ("drops = 0", 7, "one of < <="),
        ("drops =< 0", 7, "one of < <="),
        ("drops is 0", 7, "one of < <="),
        ("drops ==", 9, "a number"),
        ("drops == zero", 10, "a number"),
        ("drops == nan", 10, "a number"),
        ("drops == 1e999", 10, "a number"),
        ("drops == 0x10", 11, "the end of the check"),
        ("drops == 5 ms", 12, "the end of the check"),
        ("drops == 0 and lost == 0", 12, "the end of the check"),
        ("pib: drops == 0", 1, "did you mean pub?"),
        (": drops == 0", 1, "the name of a handler"),
        ("pub/slaw: drops == 0", 5, "did you mean slow?"),
        ("pub/slow: offered == 0", 1, "offered is a metric of pub"),
        ("__import__('os') == 0", 1, "a metric"),
    ],
)
def test_refuses_and_says_where(text: str, column: int, expected: str) -> None:
    with pytest.raises(CheckError) as caught:
        parse_check(text, KNOWN)
    assert caught.value.column == column
    assert expected in caught.value.expected
    assert isinstance(caught.value, InputError)


@given(st.text() | st.text(alphabet="drops<>=!: 0123456789./ape"))
def test_any_text_is_a_check_or_a_sentence(text: str) -> None:
    try:
        check = parse_check(text, KNOWN)
    except CheckError as error:
        assert 1 <= error.column <= len(text) + 1
    else:
        assert isinstance(evaluate(check, {}), CheckResult)


@pytest.mark.parametrize(
    ("text", "value", "passed"),
    [
        # 3 of the queue, 40 on the wire, 1 before the subscription
        ("pub: drops == 44", 44, True),
        ("pub/slow: drops == 40", 40, True),
        ("pub/fast: drops == 1", 1, True),
        ("req: drops == 2", 2, True),
        ("drops == 0", 44, False),
        ("drops <= 44", 44, True),
        ("push: lost == 2", 2, True),
        ("push/pull-1: lost == 0", 0, True),
        ("lost >= 2", 0, False),
        ("push: received >= 48", 48, True),
        ("push: received > 48", 48, False),
        ("pub/fast: received == 100", 100, True),
        ("pub: before_join == 0", 1, False),
        ("before_join <= 1", 1, True),
        ("retries == 3", 3, True),
        ("replied > 7", 8, True),
        ("pub: rate > 50", 100.0, True),
        ("pub/slow: rate > 70", 60.0, False),
        ("latency.response.p99_ms < 5", 8.0, False),
        ("pub/fast: latency.response.p99_ms < 5", 2.0, True),
        ("latency.round_trip.p99_ms < 1", 0.2505, True),
        ("latency.lateness.max_ms <= 5", 5.0, True),
        ("latency.service.mean_ms == 1", 1.0, True),
        ("received != 50", 50, False),
        ("push: received != 49", 50, True),
    ],
)
def test_holds_or_not(handlers: dict[str, Any], text: str, value: float, passed: bool) -> None:
    assert outcome(text, handlers) == (value, passed)


def test_a_latency_without_samples_fails(handlers: dict[str, Any]) -> None:
    handlers["pub"]["listeners"]["slow"]["response_us"] = summary(count=0)
    assert outcome("pub/slow: latency.response.p99_ms < 5", handlers) == (None, False)
    assert outcome("latency.response.p99_ms < 5", handlers) == (None, False)
    assert outcome("latency.response.p99_ms < 1", handlers) == (3.0, False)


@pytest.mark.parametrize("text", ["latency.round_trip.p50_ms < 5", "a: drops == 0", "pub/fast: drops == 0"])
def test_what_nothing_has_fails(handlers: dict[str, Any], text: str) -> None:
    del handlers["req"], handlers["pub"]["listeners"]["fast"]
    assert outcome(text, handlers) == (None, False)


def test_metrics_belong_to_socket_types() -> None:
    assert fits("replied", "REQ") and not fits("replied", "PUB")
    assert fits("latency.round_trip.p99_ms", "REQ") and not fits("latency.round_trip.p99_ms", "PUSH")
    assert fits("before_join", "PUB") and not fits("before_join", "PUSH")
    assert all(fits("drops", socket_type) for socket_type in ("PUB", "PUSH", "REQ"))
