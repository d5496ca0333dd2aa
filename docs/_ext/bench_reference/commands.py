"""The command line's reference, made from click's own description of it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

import click

from bench_app.cli import exit_codes
from bench_app.cli.commands import cli
from bench_reference.markdown import code, prose, table

PROGRAM = "zmq-bench"

_EXIT_MEANINGS: Mapping[int, str] = {
    exit_codes.EXIT_CODES["pass"]: "passed: the reading can be trusted and every check holds",
    exit_codes.EXIT_CODES["fail"]: "a check failed",
    exit_codes.EXIT_INPUT: "the input is wrong; a message on standard error says where",
    exit_codes.EXIT_FAILED: "the run failed, or its reading cannot be trusted",
    exit_codes.EXIT_INTERRUPTED: "interrupted; the ledger so far is still printed and written",
}


def commands() -> str:
    """Every command: usage, help, arguments and options."""
    return "\n".join(_command(name, command) for name, command in _named())


def exit_code_table() -> str:
    """The exit codes and their meanings."""
    return table(
        ("exit code", "meaning"), [[code(str(number)), meaning] for number, meaning in sorted(_EXIT_MEANINGS.items())]
    )


def _named() -> Iterator[tuple[str, click.Command]]:
    """Every command with the text that runs it. The bare form comes first; it is a hidden command of the group."""
    shown = {name: command for name, command in cli.commands.items() if not command.hidden}
    yield from ((PROGRAM, command) for command in cli.commands.values() if command.hidden)
    yield from ((f"{PROGRAM} {name}", command) for name, command in shown.items())


def _command(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=name, max_content_width=100, terminal_width=100)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    records = [record for param in command.get_params(context) if (record := param.get_help_record(context))]
    options = table(("option", "does"), [[_options(names), text] for names, text in records if text])
    return f"## {code(name)}\n\n```text\n{usage}\n```\n\n{_help(command)}\n{options}\n"


def _options(names: str) -> str:
    """The names of one option, each as code."""
    return ", ".join(code(name) for name in names.split(", "))


def _help(command: click.Command) -> str:
    """The command's help as Markdown. A paragraph that begins with ``\\b`` is kept line by line."""
    text = textwrap.dedent(command.help or "")
    parts = []
    for paragraph in text.split("\n\n"):
        if paragraph.lstrip().startswith("\b"):
            lines = paragraph.strip().splitlines()[1:]
            parts.append("```text\n" + textwrap.dedent("\n".join(lines)).strip() + "\n```\n")
        else:
            parts.append(prose(paragraph) + "\n")
    return "\n".join(parts)
