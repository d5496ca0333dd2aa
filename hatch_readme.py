"""The README as the description of the package, which is read outside of the repository.

Links to files of the repository become absolute if ``repository-url`` says where its files are. Without it, such a link
becomes plain text, and a picture is left out.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"(?P<picture>!?)\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)\)")
_LEFT_OUT = "\0"
"""Stands for a picture that is left out, until the lines that held nothing else are removed."""
_EMPTIED_LINE = re.compile(rf"^[| ]*{_LEFT_OUT}[| {_LEFT_OUT}]*\n", re.MULTILINE)
_EMPTIED_TABLE = re.compile(r"^\|.*\|\n\|[ |:-]+\|\n(?!\|)", re.MULTILINE)
"""The head of a table without a row below it."""
_OUTSIDE = re.compile(r"[a-z]+:|#")


def description(readme: str, repository_url: str = "") -> str:
    """The README with links that work anywhere. ``repository_url``: what precedes the path of a file; "" is unknown."""

    def resolved(found: re.Match[str]) -> str:
        if _OUTSIDE.match(found["target"]):
            return found[0]
        if repository_url:
            return f"{found['picture']}[{found['text']}]({repository_url.rstrip('/')}/{found['target']})"
        return _LEFT_OUT if found["picture"] else found["text"]

    text = _EMPTIED_LINE.sub("", _LINK.sub(resolved, readme)).replace(_LEFT_OUT, "")
    return re.sub(r"\n{3,}", "\n\n", _EMPTIED_TABLE.sub("", text))


class ReadmeHook(MetadataHookInterface):
    """Sets the field ``readme``."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Called by hatchling before it writes the metadata."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        url = str(self.config.get("repository-url", ""))
        metadata["readme"] = {"content-type": "text/markdown", "text": description(text, url)}
