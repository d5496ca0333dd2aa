"""The page of an hour's run in a real browser: made-up run -> **size, time to open, what the pointer shows**.

``python -m benchmarks.report_in_browser [--pictures DIR]`` opens the page in headless Chromium without a network and
moves the pointer over each plot. It ends with 1 if the page is above 1 MB, takes a second to open, or shows nothing
under the pointer. ``--pictures`` writes the page as a reader sees it: light, dark, and on paper.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from html import unescape
from pathlib import Path

from bench_app.reports.report import run_page
from tests.reports.test_run_report import report

HOUR_ROWS = 36_000
MOST_BYTES = 1_000_000
MOST_MS = 1000
_PROBE = """<pre id="probe"></pre><script>addEventListener('load',()=>setTimeout(()=>{
const seen=[];for(const svg of document.querySelectorAll('svg[data-plot]')){svg.scrollIntoView();
const box=svg.getBoundingClientRect();
svg.dispatchEvent(new PointerEvent('pointermove',{clientX:box.left+box.width/2,clientY:box.top+9,bubbles:true}));
seen.push(tip.style.display==='block'?tip.textContent:'');svg.dispatchEvent(new PointerEvent('pointerleave'));}
const way=performance.getEntriesByType('navigation')[0];
probe.textContent=JSON.stringify({opened_ms:way.loadEventEnd-way.startTime,seen,left:tip.style.display});},0))</script>
"""


def main() -> None:
    """Measure, print, and end with an exit code."""
    if browser() is None:
        sys.exit("no Chromium is installed")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, help="write pictures of the page into this folder")
    sys.exit(0 if opens(parser.parse_args().pictures) else 1)


def browser() -> str | None:
    """The path of Chromium; None if there is none."""
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return next((path for path in found if path is not None), None)


def opens(pictures: Path | None = None) -> bool:
    """Whether the page is small, opens soon and answers the pointer. Without Chromium: True, with a line about it."""
    command = browser()
    if command is None:
        print("page of an hour's run: left out, because no Chromium is installed")
        return True
    page = run_page(report(30, rows=HOUR_ROWS))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_text(page.replace("</body>", _PROBE + "</body>"))
        dom = _run(command, "--dump-dom", file.as_uri())
        found = re.search(r'<pre id="probe">(.+?)</pre>', dom, re.DOTALL)
        probe = json.loads(unescape(found[1])) if found else {"opened_ms": float("inf"), "seen": [], "left": "?"}
        file.write_text(page)
        if pictures is not None:
            _take_pictures(command, file, pictures)
    size, opened_ms, seen = len(page.encode()), probe["opened_ms"], probe["seen"]
    print(f"page of an hour's run: {size:,} bytes, opened in {opened_ms:.0f} ms")
    print(f"{len(seen)} plots, {sum(map(bool, seen))} answer the pointer")
    answers = bool(seen) and all(seen) and probe["left"] == "none"
    return size < MOST_BYTES and opened_ms < MOST_MS and answers


def _run(program: str, *arguments: str) -> str:
    command = [program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


def _take_pictures(program: str, file: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, option in (("light", "--force-light-mode"), ("dark", "--blink-settings=preferredColorScheme=0")):
        _run(program, option, "--window-size=1000,5000", f"--screenshot={folder / f'{name}.png'}", file.as_uri())
    _run(program, f"--print-to-pdf={folder / 'paper.pdf'}", file.as_uri())


if __name__ == "__main__":
    main()
