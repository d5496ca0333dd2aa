"""The words under which the search of the built site finds a page, beside the words of the page itself.

A page names them in a comment, which a reader of the unbuilt page does not see: ``<!-- search: before join, lost -->``.
They become main entries of the index. The search ranks these above titles and texts of pages, and other entries last.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sphinx.util import logging

if TYPE_CHECKING:
    from sphinx.application import Sphinx

EXPECTED: Mapping[str, str] = {
    "accuracy": "explanation/accuracy",
    "before join": "how-to/first-messages",
    "ci": "how-to/ci",
    "demo": "how-to/demo",
    "efsm": "how-to/error-messages",
    "github actions": "how-to/ci",
    "lost": "how-to/message-loss",
    "other host": "how-to/other-host",
    "replay": "how-to/replay",
}
"""What readers search for, and the page that must have it as an entry of the index."""

_COMMENT = re.compile(r"^<!-- search: (.+) -->$", re.MULTILINE)
_log = logging.getLogger(__name__)


def words_of(page: str) -> list[str]:
    """The words that a page's source names."""
    return [word.strip() for found in _COMMENT.findall(page) for word in found.split(",")]


def with_index_entries(page: str) -> str:
    """A page's source with an index directive for each word in place of each comment."""
    return _COMMENT.sub(lambda found: _directives(found[1].split(",")), page)


def _directives(words: Iterable[str]) -> str:
    return "\n\n".join(f"```{{index}} ! single: {word.strip()}\n```" for word in words)


def missing(entries: Mapping[str, Iterable[str]]) -> list[str]:
    """The expected words that do not lead to their page. ``entries`` has the pages of each main entry of the index."""
    return [word for word, page in EXPECTED.items() if page not in entries.get(word, ())]


def check_search(app: Sphinx, error: Exception | None) -> None:
    """Warn, which fails a strict build, if the search of the built site would not find a page."""
    indexer: Any = getattr(app.builder, "indexer", None)
    if error is not None or indexer is None:
        return
    frozen = indexer.freeze()
    names = frozen["docnames"]
    entries = {
        word: [names[page] for page, _, is_main in places if is_main] for word, places in frozen["indexentries"].items()
    }
    for word in missing(entries):
        _log.warning("the search does not find %s for %r", EXPECTED[word], word)
