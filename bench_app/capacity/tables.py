"""Prints a measured capacity in the terminal: figures -> **tables and text**."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bench_app.capacity.figures import CapacityResult, ConnectionCapacity, format_capacity
from bench_app.capacity.places import Place
from bench_app.untrusted.visible_text import visible

BAR_WIDTH = 14
_BASIS = {"measured": "", "by_mark": "full", "inferred": "inferred"}


def print_capacity(console: Console, result: CapacityResult) -> None:
    """Print each connection with the places of its messages and the meaning of its capacity."""
    for connection in result.connections:
        console.print()
        console.print(_heading(connection))
        if connection.places and connection.verdict != "by_design":
            console.print(_places_table(connection))
        console.print(Text(visible(format_capacity(connection))))
        if connection.notes:
            notes = visible("; ".join(connection.notes))
            console.print(Text(f"Notes on the measurement: {notes}.", style="grey62"))
    if result.is_valid and any(connection.received for connection in result.connections):
        console.print()
        console.print(Text("All accepted messages came out again.", style="grey62"))


def _heading(found: ConnectionCapacity) -> Text:
    heading = Text.assemble(
        (visible(found.handler), "bold"), (f" {found.socket_type} over {found.transport}", "grey62")
    )
    if found.listeners:
        heading.append(f" to {visible(', '.join(found.listeners))}")
    if found.message_bytes:
        heading.append(f", messages of {found.message_bytes:,.0f} bytes", style="grey62")
    return heading


def _places_table(found: ConnectionCapacity) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD,
        header_style="grey62",
        pad_edge=False,
        padding=(0, 1, 0, 0),
        show_footer=True,
        footer_style="bold",
    )
    total = found.messages or 0
    at_least = ", at least" if found.verdict == "at_least" else ""
    table.add_column("where messages sit", no_wrap=True, footer=f"effective capacity{at_least}")
    table.add_column("messages", justify="right", no_wrap=True, footer=f"{total:,}")
    table.add_column("", no_wrap=True)
    table.add_column("", style="grey62")
    for place in found.places:
        bar = "█" * round(BAR_WIDTH * place.messages / max(1, total))
        table.add_row(place.holds, f"{place.messages:,}", Text(bar, style="blue"), _format_basis(found, place))
    return table


def _format_basis(found: ConnectionCapacity, place: Place) -> str:
    marks = {
        "send_pipe": f"SNDHWM {found.send_high_water_mark:,}",
        "receive_pipe": f"RCVHWM {found.receive_high_water_mark:,}",
    }
    if found.transport == "inproc":
        both = found.send_high_water_mark + found.receive_high_water_mark
        return f"SNDHWM {found.send_high_water_mark:,} + RCVHWM {found.receive_high_water_mark:,} = {both:,}"
    size = "" if place.bytes is None else f"{place.bytes:,} bytes"
    return ", ".join(part for part in (marks.get(place.place, ""), size, _BASIS[place.basis]) if part)
