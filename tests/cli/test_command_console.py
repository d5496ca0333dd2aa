"""The console of tables and live displays: control characters, markup, a reader that is gone."""

from __future__ import annotations

import io

import pytest
from rich.live import Live
from rich.text import Text

from bench_app.cli.command_console import CommandConsole
from bench_app.cli.fitting_table import FittingTable
from bench_app.untrusted.visible_text import visible

HOSTILE = "\x1b[31m\x9b2J\u202e\x07"
SHOWN = r"\x1b[31m\x9b2J\u202e\x07"


class ClosedPipe(io.StringIO):
    def write(self, text: str, /) -> int:
        raise BrokenPipeError


def test_a_reader_that_is_gone_raises_instead_of_ending_the_process() -> None:
    with pytest.raises(BrokenPipeError):
        CommandConsole(file=ClosedPipe()).print("text")


def printed(*texts: object, terminal: bool = False) -> str:
    console = CommandConsole(file=io.StringIO(), width=200, force_terminal=terminal, color_system=None)
    console.print(*texts)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("terminal", [False, True])
def test_control_characters_are_printed_as_escapes(terminal: bool) -> None:
    assert printed(HOSTILE, terminal=terminal) == f"{SHOWN}\n"
    # A Text of rich has lost the bell.
    for text in (Text(HOSTILE), Text.assemble(("name", "bold"), HOSTILE)):
        assert printed(text, terminal=terminal).removesuffix("\n").endswith(SHOWN.removesuffix(r"\x07"))


def test_text_is_no_markup() -> None:
    assert printed("[red] [/] :smile: [bold]") == "[red] [/] :smile: [bold]\n"


def test_a_table_has_room_for_the_escapes() -> None:
    table = FittingTable("name", "count")
    table.add(Text.assemble((visible(HOSTILE), "bold"), " PUB"), "1,000")
    table.add(HOSTILE, "1")
    text = printed(table.table(100))
    assert f"{SHOWN} PUB" in text and "1,000" in text and "\x1b" not in text
    assert len({len(line) for line in text.splitlines() if "1" in line and "x1b" in line}) == 1


def test_a_live_display_still_moves_the_cursor() -> None:
    console = CommandConsole(file=io.StringIO(), width=40, force_terminal=True)
    with Live(Text("one"), console=console, auto_refresh=False) as live:
        live.update(Text("two"), refresh=True)
    assert isinstance(console.file, io.StringIO)
    assert "\x1b[?25l" in console.file.getvalue()
