"""``zmq-bench account``: the ledger of a run, completed with what the user's own consumer received."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench_app.cli.console import echo, echo_error
from bench_app.cli.exit_codes import EXIT_FAILED
from bench_app.cli.result_file import json_option, refuse_unwritable, write_json
from bench_app.errors import InputError
from bench_app.untrusted.visible_text import visible

if TYPE_CHECKING:
    from bench_app.account.consumer_account import ConsumerAccount
    from bench_app.engine.result import RunResult


@click.command(name="account", short_help="Complete a ledger with what your own consumer received.")
@click.argument("result", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--time-field",
    metavar="NAME",
    help="Field or column with the time at which the message was received.  [default: received_ns or received_at]",
)
@json_option
def account_command(result: Path, file: Path, time_field: str | None, json_file: Path | None) -> None:
    """Complete the ledger of RESULT (of run --json) with FILE, which your own consumer wrote.

    FILE has the messages that the consumer received, or only their `_bench` values: JSON Lines, CSV, a log, or a
    recording. The command counts what was received, lost, duplicated and reordered, and lists the gaps: the numbers and
    times of events that did not arrive.

    If each line has the time at which the message was received, latencies are computed, too. The time is one of the
    monotonic clock (time.perf_counter_ns() on the machine of the bench) or of the wall clock, as a number or ISO 8601.

    \b
    zmq-bench run my.json --json result.json
    zmq-bench account result.json received.jsonl
    zmq-bench account result.json received.csv --json completed.json

    Exit codes: 0 the ledger balances, 2 the input is wrong, 3 the file contradicts the result.
    """
    # Imported here, so that the other commands start without the engine.
    from bench_app.account.account_text import account_lines, clock_lines
    from bench_app.account.arrival_times import ArrivalClock
    from bench_app.account.consumer_account import complete, make_accounts
    from bench_app.account.received_stamps import read_stamps

    refuse_unwritable(json_file)
    run = _read_result(result)
    clock = ArrivalClock(run.start_ns, run.start_wall_ns, run.duration_s)
    accounts = make_accounts(run, read_stamps(file, clock, time_field))
    completed = complete(run, accounts)
    lines = [line for account in accounts for line in account_lines(account)]
    for line in [*lines, *clock_lines(clock, accounts)]:
        # Standard output is for the result.
        echo_error(line) if json_file == Path("-") else echo(line)
    write_json(_to_json(completed, accounts), json_file)
    if not completed.balanced:
        raise SystemExit(EXIT_FAILED)


def _read_result(path: Path) -> RunResult:
    from bench_app.engine.result import FORMAT, RunResult
    from bench_app.untrusted.json_reader import BadJsonError, JsonReader

    try:
        result = JsonReader(RunResult).read(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    except BadJsonError as error:
        raise InputError(f"{path} is no result of zmq-bench run --json: {error}") from error
    if result.format != FORMAT:
        raise InputError(f"{path} has the format {visible(result.format)}; {FORMAT} was expected")
    return result


def _to_json(result: RunResult, accounts: list[ConsumerAccount]) -> bytes:
    import msgspec

    from bench_app.system.files import dump_json

    plain = msgspec.to_builtins(result)
    for account in accounts:
        row = plain["handlers"][account.handler]["listeners"][account.consumer]
        row["gaps"] = msgspec.to_builtins(account.gaps)
    return dump_json(plain)
