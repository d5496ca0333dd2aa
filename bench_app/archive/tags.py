"""The tags of a kept run: text of the user -> **words** -> archive, list of runs. Pure."""

from __future__ import annotations

from collections.abc import Iterable


def tags_of(text: str) -> tuple[str, ...]:
    """The tags in a text: words between blanks and commas, each once, in their order."""
    return tuple(dict.fromkeys(text.replace(",", " ").split()))


def format_tags(tags: Iterable[str]) -> str:
    """The text of tags, from which :func:`tags_of` makes the same tags again."""
    return " ".join(tags_of(" ".join(tags)))
