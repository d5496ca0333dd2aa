"""``make tables``: make the tables again that pages of the documentation keep. Says which pages changed."""

from __future__ import annotations

from bench_reference import DOCS, renewed

if __name__ == "__main__":
    for page in sorted(DOCS.rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        if renewed(text) != text:
            page.write_text(renewed(text), encoding="utf-8")
            print(page.relative_to(DOCS))
