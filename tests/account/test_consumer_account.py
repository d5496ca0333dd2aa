"""The account of a consumer agrees with what it received, to the message."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.account.consumer_account import ConsumerAccount, complete, make_accounts
from bench_app.account.received_stamps import ReceivedStamps
from bench_app.engine.result import RunResult
from bench_app.errors import InputError

EXAMPLE = Path(__file__).parents[2] / "docs" / "reference" / "result-example.json"
RUN = 0x15C659EC
START_NS = 1_000_000_000


def result(accepted: int, socket_type: str = "PUB", **keys: Any) -> RunResult:
    """A run of one handler without a listener, which accepted an event each second."""
    example = msgspec.json.decode(EXAMPLE.read_bytes(), type=RunResult)
    handler = next(iter(example.handlers.values()))
    mine = msgspec.structs.replace(
        handler,
        socket_type=socket_type,
        number=1,
        accepted=accepted,
        listeners={},
        lost=0,
        arrivals_known=False,
        **keys,
    )
    return msgspec.structs.replace(example, handlers={"h": mine}, run=f"{RUN:08x}", start_ns=START_NS)


def received(numbers: list[int]) -> dict[tuple[int, int], ReceivedStamps]:
    stamps = ReceivedStamps()
    stamps.sequences.extend(numbers)
    stamps.intended_ns.extend(START_NS + (number - 1) * 1_000_000_000 for number in numbers)
    stamps.sent_ns.extend(at_ns + 1_000 for at_ns in stamps.intended_ns)
    stamps.received_ns.extend(-1 for _ in numbers)
    return {(RUN, 1): stamps}


def account_of(accepted: int, numbers: list[int], **keys: Any) -> ConsumerAccount:
    (account,) = make_accounts(result(accepted, **keys), received(numbers))
    return account


@given(st.lists(st.integers(1, 60), max_size=100), st.integers(60, 80), st.integers(0, 5))
def test_every_accepted_event_is_in_one_count(numbers: list[int], accepted: int, before: int) -> None:
    account = account_of(accepted, numbers, before_subscribed=before)
    row = account.row
    assert account.problem == ""
    assert row.received + row.lost + row.before_join == accepted
    assert row.received == len(set(numbers))
    assert row.duplicates == len(numbers) - len(set(numbers))
    first_times = [number for place, number in enumerate(numbers) if number not in numbers[:place]]
    late = [n for n in first_times if any(other > n for other in numbers[: numbers.index(n)])]
    assert row.reordered == len(late)
    missing = [n for gap in account.gaps for n in range(gap.first, gap.last + 1)]
    assert missing == sorted(set(range(1, accepted + 1)) - set(numbers))
    assert all(later.first - earlier.last > 1 for earlier, later in zip(account.gaps, account.gaps[1:], strict=False))


def test_gaps_have_the_times_at_which_their_events_were_due() -> None:
    account = account_of(10, [1, 2, 5, 6, 8])
    assert [(gap.first, gap.last, gap.count) for gap in account.gaps] == [(3, 4, 2), (7, 7, 1), (9, 10, 2)]
    times = [(gap.first_at_s, gap.last_at_s) for gap in account.gaps]
    assert times == [(2.0, 3.0), (6.0, 6.0), (7.0, 7.0)]


def test_the_completed_ledger_has_a_row_for_the_consumer() -> None:
    run = result(10, before_subscribed=1)
    accounts = make_accounts(run, received([2, 3, 5]))
    completed = complete(run, accounts)
    handler = completed.handlers["h"]
    row = handler.listeners["consumer-1"]
    assert (handler.lost, row.lost, row.received, row.before_join) == (6, 6, 3, 1)
    assert handler.arrivals_known and handler.balanced
    pushed = result(10, socket_type="PUSH")
    handler = complete(pushed, make_accounts(pushed, received([2, 3, 5]))).handlers["h"]
    assert (handler.lost, handler.listeners["consumer-1"].lost, handler.received) == (7, 0, 3)


def test_latencies_are_computed_where_the_file_has_times() -> None:
    stamps = received([1, 2, 3, 3, 5, 6])
    mine = stamps[RUN, 1]
    for place, latency_ns in enumerate([50_000, 100_000, 100_000, 9_000_000, None, 500]):
        if latency_ns is not None:
            mine.received_ns[place] = mine.intended_ns[place] + latency_ns
    run = msgspec.structs.replace(result(6), warmup_s=0.5)
    (account,) = make_accounts(run, stamps)
    # Without the warm-up (1), the second copy of 3, the one without a time (5), and 6, which came before it was sent.
    assert (account.row.response_us.count, account.row.service_us.count, account.early) == (2, 2, 1)
    assert account.row.response_us.max == pytest.approx(100, 0.01)
    assert account.row.service_us.max == pytest.approx(99, 0.01)
    assert (account.row.received, account.row.duplicates, account.row.lost) == (5, 1, 1)


def test_a_consumer_that_received_nothing_has_lost_all() -> None:
    (account,) = make_accounts(result(4), {})
    assert (account.row.lost, [(gap.first, gap.last, gap.first_at_s) for gap in account.gaps]) == (4, [(1, 4, None)])


def test_a_contradiction_is_told() -> None:
    run = result(4)
    accounts = make_accounts(run, received([1, 5]))
    assert accounts[0].problem == "it received number 5, and the handler accepted 4 events"
    assert not complete(run, accounts).balanced


def test_stamps_of_other_runs_are_foreign_or_refused() -> None:
    run = result(4)
    mine, others = received([1, 2, 3, 4]), received([1, 2])
    (account,) = make_accounts(run, {**mine, (7, 1): others[RUN, 1]})
    assert (account.row.received, account.row.foreign) == (4, 2)
    with pytest.raises(InputError, match="its stamps are of other runs"):
        make_accounts(run, {(7, 1): others[RUN, 1]})
    early, late = received([-10]), received([1_000_000])
    with pytest.raises(InputError, match=r"of other runs, the first of which began 11\.0 s before its start"):
        make_accounts(run, {(7, 1): early[RUN, 1]})
    with pytest.raises(InputError, match=r"of other runs, the first of which was sent [\d,.]+ s after its end"):
        make_accounts(run, {(7, 1): late[RUN, 1]})
    with pytest.raises(InputError, match="no stamp of a handler of this run"):
        make_accounts(run, {(RUN, 9): others[RUN, 1]})
    # A result of version 0.1.0 names neither run nor start.
    old = msgspec.structs.replace(run, run="", start_ns=0)
    (account,) = make_accounts(old, {(7, 1): others[RUN, 1]})
    assert (account.row.received, account.gaps[0].first_at_s) == (2, None)
