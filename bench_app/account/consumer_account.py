"""Counts what the user's own consumer received and missed: result, stamps -> **account** -> completed ledger. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Mapping

import msgspec
import numpy as np
import numpy.typing as npt

from bench_app.account.received_stamps import ReceivedStamps
from bench_app.engine.result import HandlerResult, ListenerResult, RunResult, summary
from bench_app.errors import InputError
from bench_app.measure.clock import NS_PER_S
from bench_app.measure.histogram import Histogram
from bench_app.measure.recorder import MOST_PENDING, Recorder
from bench_app.model import Delivery

CONSUMER = "consumer-1"
"""The name of the consumer's row, unless the handler has a listener of this name."""
Int64s = npt.NDArray[np.int64]


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """Events that did not arrive, with numbers in a row.

    Attributes:
        first: the first sequence number.
        last: the last sequence number.
        count: how many there are.
        first_at_s: when the first was due, in seconds of the run: computed from the events around the gap. None if
            nothing arrived.
        last_at_s: the same for the last.
    """

    first: int
    last: int
    count: int
    first_at_s: float | None
    last_at_s: float | None


class ConsumerAccount(msgspec.Struct, frozen=True, kw_only=True):
    """What the consumer received of one handler.

    Attributes:
        handler: the handler.
        consumer: the name of the consumer's row.
        accepted: how many events the handler's socket accepted.
        row: the counts.
        gaps: what did not arrive.
        problem: why the counts contradict the result; "" if they do not.
        early: how many messages were received before they were sent, so that the clock of the file is another one.
        others: how many messages listeners of the bench received that share them with the consumer.
    """

    handler: str
    consumer: str
    accepted: int
    row: ListenerResult
    gaps: list[Gap]
    problem: str = ""
    early: int = 0
    others: int = 0


def make_accounts(result: RunResult, stamps: Mapping[tuple[int, int], ReceivedStamps]) -> list[ConsumerAccount]:
    """An account for each handler of which the consumer received something.

    If it received nothing at all and the run had one handler, all is lost. Raises :class:`InputError` if the stamps are
    of other runs.
    """
    run = _run_of(result, stamps)
    accounts = []
    foreign = sum(len(found.sequences) for (number, _), found in stamps.items() if number != run)
    for place, (name, handler) in enumerate(result.handlers.items(), start=1):
        found = stamps.get((run, handler.number or place))
        if found is None and (stamps or len(result.handlers) > 1):
            continue
        accounts.append(_account(result, name, handler, found or ReceivedStamps(), foreign))
        foreign = 0
    if not accounts:
        raise InputError("the file has no stamp of a handler of this run")
    return accounts


def complete(result: RunResult, accounts: list[ConsumerAccount]) -> RunResult:
    """The result with a row for the consumer, and with its losses."""
    handlers = dict(result.handlers)
    for account in accounts:
        handler = handlers[account.handler]
        lost = account.row.lost
        if handler.pattern.delivery is Delivery.EACH:
            lost += sum(listener.lost for listener in handler.listeners.values())
        handlers[account.handler] = msgspec.structs.replace(
            handler,
            lost=lost,
            arrivals_known=True,
            balanced=handler.balanced and not account.problem,
            listeners={**handler.listeners, account.consumer: _row_in(handler, account.row)},
        )
    return msgspec.structs.replace(
        result, handlers=handlers, balanced=result.balanced and not any(account.problem for account in accounts)
    )


def is_in(result: RunResult, account: ConsumerAccount) -> bool:
    """Whether a result has the row of an account already, so that the same file completes it twice."""
    rows = result.handlers[account.handler].listeners.values()
    # Of listeners that share messages, the row of the file counts among the others the second time.
    return any(msgspec.structs.replace(account.row, lost=row.lost) == row for row in rows)


def _row_in(handler: HandlerResult, row: ListenerResult) -> ListenerResult:
    # Listeners that share messages have no losses of their own: the handler has them.
    return msgspec.structs.replace(row, lost=0) if handler.pattern.delivery is Delivery.SHARED else row


def _run_of(result: RunResult, stamps: Mapping[tuple[int, int], ReceivedStamps]) -> int:
    if result.run:
        run = int(result.run, 16)
        if stamps and all(number != run for number, _ in stamps):
            raise InputError(
                f"the file has no stamp of this run, which is {result.run}: its stamps are of other runs"
                f"{_format_distance(result, min(min(one.intended_ns) for one in stamps.values()))}"
            )
        return run
    # A result of version 0.1.0 does not name its run.
    return max(stamps, key=lambda key: len(stamps[key].sequences), default=(0, 0))[0]


def _format_distance(result: RunResult, due_ns: int) -> str:
    """Where the first stamp of a file lies, if it is not in the run."""
    since_s = (due_ns - result.start_ns) / NS_PER_S
    if not result.start_ns or 0 <= since_s <= result.duration_s:
        return ""
    if since_s < 0:
        return f", the first of which began {-since_s:,.1f} s before its start"
    return f", the first of which was sent {since_s - result.duration_s:,.1f} s after its end"


def _account(
    result: RunResult, name: str, handler: HandlerResult, stamps: ReceivedStamps, foreign: int
) -> ConsumerAccount:
    numbers = np.frombuffer(stamps.sequences, np.int64)
    distinct, first_places = np.unique(numbers, return_index=True)
    in_order = np.maximum.accumulate(numbers) if len(numbers) else numbers
    new = np.zeros(len(numbers), np.bool_)
    new[first_places] = True
    reordered = int(np.count_nonzero(new & (numbers < in_order)))
    received = len(distinct)
    # Each message once, and none of the warm-up, as a listener of the bench measures.
    measured = new & (_ints(stamps.received_ns) >= 0)
    measured &= _ints(stamps.intended_ns) >= result.start_ns + round(result.warmup_s * NS_PER_S)
    is_early = _ints(stamps.received_ns) < _ints(stamps.sent_ns)
    early = int(np.count_nonzero(measured & is_early))
    measured &= ~is_early
    received_ns = _ints(stamps.received_ns)[measured]
    missing = handler.accepted - received
    problem = ""
    if received and (distinct[-1] > handler.accepted or distinct[0] < 1):
        problem = f"it received number {int(distinct[-1]):,}, and the handler accepted {handler.accepted:,} events"
    others = sum(one.received for one in handler.listeners.values())
    before_join = 0
    match handler.pattern.delivery:
        case Delivery.EACH:
            before_first = int(distinct[0]) - 1 if received else handler.accepted
            before_join = min(handler.before_subscribed or 0, max(0, before_first))
        case Delivery.SHARED:
            missing -= others
            if missing < 0:
                problem = problem or "it received events that a listener of the bench has received as well"
        case Delivery.REQUEST:
            pass
    row = ListenerResult(
        received=received,
        lost=max(0, missing - before_join),
        before_join=before_join,
        duplicates=len(numbers) - received,
        reordered=reordered,
        foreign=foreign,
        malformed=0,
        rate=round(received / handler.seconds, 1) if handler.seconds else 0.0,
        service_us=summary(_histogram(received_ns - _ints(stamps.sent_ns)[measured])),
        response_us=summary(_histogram(received_ns - _ints(stamps.intended_ns)[measured])),
    )
    return ConsumerAccount(
        handler=name,
        consumer=_free_name(handler),
        accepted=handler.accepted,
        row=row,
        gaps=[] if others and handler.pattern.delivery is Delivery.SHARED else _gaps(result, handler, stamps, distinct),
        problem=problem,
        early=early,
        others=others if handler.pattern.delivery is Delivery.SHARED else 0,
    )


def _ints(numbers: array[int]) -> Int64s:
    return np.frombuffer(numbers, np.int64)


def _histogram(latencies: Int64s) -> Histogram:
    recorder, histogram = Recorder(), Histogram()
    for begin in range(0, len(latencies), MOST_PENDING):
        recorder.add(latencies[begin : begin + MOST_PENDING])
        histogram.merge(recorder.take())
    return histogram


def _free_name(handler: HandlerResult) -> str:
    number = 1
    while (name := f"consumer-{number}") in handler.listeners:
        number += 1
    return name


def _gaps(result: RunResult, handler: HandlerResult, stamps: ReceivedStamps, distinct: Int64s) -> list[Gap]:
    """The ranges of numbers from 1 to ``accepted`` that are not in ``distinct``."""
    known = distinct[(distinct >= 1) & (distinct <= handler.accepted)]
    edges = np.concatenate(([0], known, [handler.accepted + 1]))
    before = np.flatnonzero(np.diff(edges) > 1)
    numbers = np.frombuffer(stamps.sequences, np.int64)
    order = np.argsort(numbers, kind="stable")
    due_s = (np.frombuffer(stamps.intended_ns, np.int64)[order] - result.start_ns) / NS_PER_S
    gaps = []
    for place in before:
        first, last = int(edges[place]) + 1, int(edges[place + 1]) - 1
        # Outside the numbers that arrived, the nearest of them is the best that is known.
        times = np.interp([first, last], numbers[order], due_s) if result.start_ns and len(numbers) else None
        gaps.append(
            Gap(
                first=first,
                last=last,
                count=last - first + 1,
                first_at_s=None if times is None else round(float(times[0]), 6),
                last_at_s=None if times is None else round(float(times[1]), 6),
            )
        )
    return gaps
