"""The command line, ``zmq-bench``: its commands, and ``main``, which turns every error into a message and exit code."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys

import click

from bench_app.cli.ab_command import ab_command
from bench_app.cli.account_command import account_command
from bench_app.cli.capacity_command import measure_capacity
from bench_app.cli.card_command import card_command
from bench_app.cli.command_group import DefaultCommandGroup, ReaderGoneError
from bench_app.cli.compare_command import compare_command
from bench_app.cli.console import echo_error, replace_unencodable
from bench_app.cli.demo_command import demo_command
from bench_app.cli.exit_codes import EXIT_FAILED, EXIT_INPUT, EXIT_INTERRUPTED
from bench_app.cli.find_command import find_command
from bench_app.cli.hwm_command import hwm_command
from bench_app.cli.import_command import import_command
from bench_app.cli.listen_command import listen_command
from bench_app.cli.open_command import open_bench
from bench_app.cli.preset_commands import check, list_presets, schema
from bench_app.cli.report_command import report_command
from bench_app.cli.run_command import run
from bench_app.cli.send_command import send_command
from bench_app.cli.sweep_command import sweep_command
from bench_app.cli.version import VERSION_HELP, print_version
from bench_app.errors import BenchError, EngineError, InputError
from bench_app.system.descriptors import shortage

COMMAND_DESCRIPTORS = 16
"""File descriptors that every command may use: a socket of libzmq with its threads, and a few files."""


@click.group(cls=DefaultCommandGroup, context_settings={"help_option_names": ["--help"], "max_content_width": 100})
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


for _command in (
    open_bench,
    run,
    check,
    list_presets,
    demo_command,
    schema,
    measure_capacity,
    listen_command,
    send_command,
    account_command,
    import_command,
    find_command,
    compare_command,
    ab_command,
    sweep_command,
    hwm_command,
    report_command,
    card_command,
):
    cli.add_command(_command)


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
