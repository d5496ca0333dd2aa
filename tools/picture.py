"""``make picture``: the pictures of a run in the terminal for the README, from a real run."""

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
PICTURE_AT_S = 9.5
OUT = Path(__file__).parent.parent / "docs"


def console() -> Console:
    """A console that draws into the picture only."""
    return Console(record=True, file=io.StringIO(), width=104, force_terminal=True)


async def take() -> None:
    """Run the preset, and draw the live table near its end and the result after it."""
    session = Session(documents.load(PRESET))
    live, result = console(), console()

    async def draw() -> None:
        while session.elapsed_s < PICTURE_AT_S:
            await asyncio.sleep(0.01)
        live.print(live_table.render_live(session, list(session.events)))

    finished, _ = await asyncio.gather(run_once(session), draw())
    live_table.print_result(result, finished.result, finished.outcome)
    for name, picture in (("run-live.svg", live), ("run-result.svg", result)):
        svg = picture.export_svg(title=f"zmq-bench run {PRESET}")
        # Use the reader's own monospaced font, so that the picture fetches nothing from the network.
        (OUT / name).write_text(re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.S))


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    asyncio.run(take())
