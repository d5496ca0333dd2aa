"""The account of a consumer as text: completed ledger -> **account text** -> terminal, window."""

from __future__ import annotations

from bench_app.account.arrival_times import ArrivalClock
from bench_app.account.consumer_account import ConsumerAccount, Gap
from bench_app.untrusted.visible_text import visible

GAPS_SHOWN = 20
"""The most gaps of a consumer that are shown; the JSON result has all."""


def account_lines(account: ConsumerAccount) -> list[str]:
    """The account of one handler, one fact a line."""
    row = account.row
    sums = [f"{row.received:,} received", f"{row.lost:,} lost"]
    if account.others:
        sums.append(f"{account.others:,} received by the listeners of the bench")
    if row.before_join:
        sums.append(f"{row.before_join:,} before it subscribed")
    verdict = f"does not balance: {account.problem}" if account.problem else "balances"
    lines = [
        visible(f"{account.handler}/{account.consumer}: {account.accepted:,} accepted = {' + '.join(sums)}, {verdict}"),
        f"  {row.duplicates:,} duplicates, {row.reordered:,} reordered, {row.foreign:,} of other runs",
    ]
    for name, us in (("service", row.service_us), ("response", row.response_us)):
        if us.count:
            lines.append(f"  {name} of {us.count:,}: p50 {us.p50:,.1f} us, p99 {us.p99:,.1f} us, max {us.max:,.1f} us")
    if account.early:
        lines.append(f"  {account.early:,} received before they were sent: the times are of another clock")
    lines += [f"  {_format_gap(gap)}" for gap in account.gaps[:GAPS_SHOWN]]
    if len(account.gaps) > GAPS_SHOWN:
        lines.append(f"  and {len(account.gaps) - GAPS_SHOWN:,} more gaps; the JSON result has all")
    return lines


def clock_lines(clock: ArrivalClock, accounts: list[ConsumerAccount]) -> list[str]:
    """What a reader of the latencies should know of the clock of the file, one fact a line."""
    lines = []
    if clock.is_wall_clock and any(account.row.service_us.count for account in accounts):
        lines.append("latency by the wall clock: right only where consumer and bench ran on the same machine")
    if clock.unread:
        where = f"; the first lies {clock.outside} of the run: is the file of another run?" if clock.outside else ""
        lines.append(f"{clock.unread:,} times of receipt are no times in the run, and are left out{where}")
    return lines


def _format_gap(gap: Gap) -> str:
    numbers = f"number {gap.first:,}" if gap.count == 1 else f"numbers {gap.first:,} to {gap.last:,} ({gap.count:,})"
    if gap.first_at_s is None or gap.last_at_s is None:
        return f"gap: {numbers}"
    when = f"{gap.first_at_s:.3f} s" if gap.count == 1 else f"{gap.first_at_s:.3f} to {gap.last_at_s:.3f} s"
    return f"gap: {numbers}, due at {when}"
