"""Links of the repository that the built site replaces by what they lead to.

Pages are read in the repository, too, where a directive of Sphinx would hide what it includes. So a page links to a
file or a preset, which works there. The site shows the file in place of the link, or links to its own page::

    <!-- shown: language=json emphasize-lines=12-21 -->
    [docs/presets/watch-a-push.json](../presets/watch-a-push.json)
"""

from __future__ import annotations

import re

_SHOWN = re.compile(r"^( *)<!-- shown: (.+) -->\n *!?\[[^\]]*\]\(([^)]+)\)$", re.MULTILINE)
_PRESET = re.compile(r"\(\.\./\.\./presets/([a-z-]+)\.json\)")


def with_files(page: str) -> str:
    """A page's source with the files themselves in place of the links to files that are to be shown."""
    return _SHOWN.sub(lambda found: _directive(found[1], found[2], found[3]), page)


def with_preset_links(page: str) -> str:
    """A page's source whose links to the files of presets that ship lead to their descriptions."""
    return _PRESET.sub(r"(#preset-\1)", page)


def _directive(indent: str, options: str, path: str) -> str:
    if options == "raw":
        lines = ["```{raw} html", f":file: {path}", "```"]
    else:
        pairs = [option.partition("=") for option in options.split()]
        lines = [f"```{{literalinclude}} {path}", *(f":{name}: {value}" for name, _, value in pairs), "```"]
    return "\n".join(f"{indent}{line}" for line in lines)
