"""``make picture``: the picture of a run in the terminal for README and docs, from a real run."""

from __future__ import annotations

import asyncio
import io
import re
from pathlib import Path

from rich.console import Console

from bench_app.cli import live_table
from bench_app.engine.run_once import run_once
from bench_app.engine.session import Session
from bench_app.preset import documents

PRESET = "silent-pub-loss"
PICTURE = Path(__file__).parent.parent / "docs" / "pictures" / "run-result.svg"


async def take() -> None:
    """Run the preset, and draw its result."""
    finished = await run_once(Session(documents.load(PRESET)))
    console = Console(record=True, file=io.StringIO(), width=104, force_terminal=True)
    live_table.print_result(console, finished.result, finished.outcome)
    svg = console.export_svg(title=f"zmq-bench run {PRESET}")
    # Use the reader's own monospaced font, so that the picture fetches nothing from the network.
    PICTURE.write_text(re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.S))


if __name__ == "__main__":
    asyncio.run(take())
