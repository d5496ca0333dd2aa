"""HTML as text, with everything from outside made harmless: text -> **element** -> page. Pure.

Names, titles and messages may come from outside. :func:`text` is the only way for them into a page: control characters
become visible escapes, and characters of HTML become entities.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from bench_app.untrusted.visible_text import visible


def text(value: object) -> str:
    """A value as HTML text, also safe within the quotes of an attribute."""
    return escape(visible(str(value)), quote=True)


def element(tag: str, inner: str = "", **attributes: object) -> str:
    """One element. ``inner`` is HTML. The attribute ``class_`` becomes ``class``, and ``data_x`` becomes ``data-x``."""
    written = "".join(f' {name.rstrip("_").replace("_", "-")}="{text(value)}"' for name, value in attributes.items())
    return f"<{tag}{written}>{inner}</{tag}>"


def paragraphs(lines: Iterable[str], class_: str = "") -> str:
    """Each line as a paragraph."""
    return "".join(element("p", text(line), class_=class_) if class_ else element("p", text(line)) for line in lines)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1, caption: str = "") -> str:
    """A table of texts. The first ``left`` columns are aligned to the left, the others have figures."""

    def cell(tag: str, place: int, value: str) -> str:
        return element(tag, text(value)) if place < left else element(tag, text(value), class_="n")

    head = "".join(cell("th", place, heading) for place, heading in enumerate(headings))
    body = "".join(element("tr", "".join(cell("td", place, value) for place, value in enumerate(row))) for row in rows)
    title = element("caption", text(caption)) if caption else ""
    return element("div", f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>", class_="wide")


def section(title: str, *inner: str) -> str:
    """A part of the page under a heading."""
    return element("section", element("h2", text(title)) + "".join(inner))
