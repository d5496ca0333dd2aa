"""Reads a page as a browser would, with the parser of the standard library."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

VOID = {"meta", "br"}


class Page(HTMLParser):
    """What a page has.

    Attributes:
        text: the visible text, one piece a line.
        tags: how often each element occurs.
        plots: the data of each plot.
        addresses: every address that the page would load.
        problems: elements that are not closed as they were opened.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.tags: dict[str, int] = {}
        self.plots: list[dict[str, Any]] = []
        self.addresses: list[str] = []
        self.problems: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        self.problems += self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1
        values = dict(attrs)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "action", "data") and value]
        self.problems += [name for name, _ in attrs if name.startswith("on")]
        if "data-plot" in values:
            self.plots.append(json.loads(values["data-plot"] or ""))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.problems.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in ("style", "script"):
            self.text += data + "\n"
