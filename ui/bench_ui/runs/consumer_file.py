"""A file of what the user's own consumer received: file -> **consumer file** -> completed result, gaps. No widgets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench_app.engine.result import RunResult
from bench_app.errors import InputError

_LOOKED_AT = 64 * 1024
_STAMP = re.compile(rb"1-[0-9a-f]{8}-[0-9a-f]{4}(-[0-9a-f]{16}){3}")
_ENDINGS = frozenset({".jsonl", ".csv", ".log", ".txt", ".mcap", ".gz", ".bz2", ".xz", ".zst"})


@dataclass(frozen=True)
class CompletedRun:
    """A result that a consumer's file completes.

    Attributes:
        result: the result with a row for the consumer.
        lines: the sums and the first gaps, one fact a line.
        gaps: all gaps of all handlers, as rows: handler, first, last and count, and when they were due.
    """

    result: RunResult
    lines: list[str]
    gaps: list[Sequence[str]]


def is_consumer_file(file: Path) -> bool:
    """Whether a file is one of a consumer, and no preset: by its ending, or by a stamp at its beginning."""
    if file.suffix.lower() in _ENDINGS:
        return True
    try:
        with file.open("rb") as opened:
            return _STAMP.search(opened.read(_LOOKED_AT)) is not None
    except OSError:
        return False


def complete_with(result: RunResult, file: Path) -> CompletedRun:
    """Complete a result as ``zmq-bench account`` does. Raises :class:`InputError`."""
    # Imported here, so that the window starts without the readers of all formats.
    from bench_app.account.account_text import account_lines, clock_lines
    from bench_app.account.arrival_times import ArrivalClock
    from bench_app.account.consumer_account import complete, is_in, make_accounts
    from bench_app.account.received_stamps import read_stamps

    clock = ArrivalClock(result.start_ns, result.start_wall_ns, result.duration_s)
    accounts = make_accounts(result, read_stamps(file, clock, None))
    if all(is_in(result, account) for account in accounts):
        raise InputError(f"{file.name}: the ledger has what is in this file already")
    lines = [line for account in accounts for line in account_lines(account)]
    gaps: list[Sequence[str]] = [
        (account.handler, f"{gap.first:,}", f"{gap.last:,}", f"{gap.count:,}", _at(gap.first_at_s), _at(gap.last_at_s))
        for account in accounts
        for gap in account.gaps
    ]
    return CompletedRun(complete(result, accounts), [*lines, *clock_lines(clock, accounts)], gaps)


def _at(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.3f} s"
