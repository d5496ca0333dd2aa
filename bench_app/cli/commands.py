"""The command line, ``zmq-bench``: its commands, and ``main``, which turns every error into a message and exit code."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys

import click

from bench_app.cli.command_group import DefaultCommandGroup, ReaderGoneError
from bench_app.cli.command_table import CommandTable
from bench_app.cli.console import echo_error, replace_unencodable
from bench_app.cli.exit_codes import EXIT_FAILED, EXIT_INPUT, EXIT_INTERRUPTED
from bench_app.cli.version import VERSION_HELP, print_version
from bench_app.errors import BenchError, EngineError, InputError
from bench_app.system.descriptors import shortage

COMMAND_DESCRIPTORS = 16
"""File descriptors that every command may use: a socket of libzmq with its threads, and a few files."""


_COMMANDS = CommandTable(
    {
        "open": "bench_app.cli.open_command:open_bench",
        "run": "bench_app.cli.run_command:run",
        "check": "bench_app.cli.preset_commands:check",
        "presets": "bench_app.cli.preset_commands:list_presets",
        "demo": "bench_app.cli.demo_command:demo_command",
        "schema": "bench_app.cli.preset_commands:schema",
        "capacity": "bench_app.cli.capacity_command:measure_capacity",
        "listen": "bench_app.cli.listen_command:listen_command",
        "send": "bench_app.cli.send_command:send_command",
        "account": "bench_app.cli.account_command:account_command",
        "import": "bench_app.cli.import_command:import_command",
        "find": "bench_app.cli.find_command:find_command",
        "compare": "bench_app.cli.compare_command:compare_command",
        "ab": "bench_app.cli.ab_command:ab_command",
        "sweep": "bench_app.cli.sweep_command:sweep_command",
        "hwm": "bench_app.cli.hwm_command:hwm_command",
        "report": "bench_app.cli.report_command:report_command",
        "card": "bench_app.cli.card_command:card_command",
        "runs": "bench_app.cli.runs_command:runs_command",
    }
)


@click.group(
    cls=DefaultCommandGroup,
    commands=_COMMANDS,
    context_settings={"help_option_names": ["--help"], "max_content_width": 100},
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=print_version, help=VERSION_HELP)
def cli() -> None:
    """ZMQ Test Bench: run ZeroMQ output handlers (PUB, PUSH, REQ) and account for every event.

    PRESET is a JSON file with handlers in the format of production, or the bare name of a preset that ships.

    \b
    zmq-bench                        open the window (its options: zmq-bench open --help)
    zmq-bench slow-joiner --start    open it with a preset, and start the run
    zmq-bench presets                list the presets that ship
    zmq-bench demo pub-loss          show a preset that tells its own story; without a name, list them
    zmq-bench run slow-joiner        run a preset in the terminal
    zmq-bench capacity slow-joiner   measure how many messages its connections take
    zmq-bench listen tcp://localhost:5555 --type SUB

    `zmq-bench COMMAND --help` explains a command, with examples. --debug and --log-file FILE, before or after the name
    of a command that opens sockets, log what each socket does.

    Exit codes: 0 passed, 1 a check failed, 2 the input is wrong, 3 the run failed or is invalid, 130 interrupted.
    """
    # Without a free descriptor libzmq would abort the process.
    message = shortage(COMMAND_DESCRIPTORS)
    if message is not None:
        raise EngineError(message)


def main() -> None:
    """The entry point. Ends the process with an exit code; an error of the user becomes a message, not a traceback."""
    replace_unencodable()
    try:
        try:
            cli.main(standalone_mode=False)
        except BenchError:
            _flush_or_discard()
            raise
        finally:
            # If the reader is gone, flush here: at Python's own exit the error would be printed as a traceback.
            sys.stdout.flush()
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        echo_error(shown.getvalue().rstrip())
        sys.exit(EXIT_INPUT)
    except click.Abort:
        sys.exit(EXIT_INTERRUPTED)
    except InputError as error:
        echo_error(f"zmq-bench: {error}")
        sys.exit(EXIT_INPUT)
    except BenchError as error:
        echo_error(f"zmq-bench: {error}")
        sys.exit(EXIT_FAILED)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except (BrokenPipeError, ReaderGoneError):
        _discard_output()
        sys.stderr.close()
        sys.exit(EXIT_FAILED)
    except OSError as error:
        _discard_output()
        # Writing to standard output failed, or opening anything. A terminal that is gone takes no message.
        with contextlib.suppress(OSError):
            if error.errno in (errno.EMFILE, errno.ENFILE):
                echo_error("zmq-bench: too few file descriptors (see ulimit -n)")
            else:
                echo_error(f"zmq-bench: the output could not be written: {error.strerror or error}")
        sys.exit(EXIT_FAILED)


def _flush_or_discard() -> None:
    """Flush after an error, whose message says more than a failure to flush. A closed pipe raises BrokenPipeError."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError:
        _discard_output()


def _discard_output() -> None:
    """Discard what was not written. Python flushes standard output again at exit, which must not fail."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
