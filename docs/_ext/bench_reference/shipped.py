"""The presets that ship, each with what it shows and what it is checked for."""

from __future__ import annotations

from bench_app.preset import documents
from bench_reference.markdown import code


def shipped_presets() -> str:
    """One section a preset; ``preset-NAME`` is its label, for pages that name it."""
    parts = []
    for document in documents.shipped_documents():
        bench = document.preset.bench
        checks = "".join(f"- {code(check)}\n" for check in bench.checks)
        parts.append(
            f"(preset-{document.name})=\n## {code(document.name)}\n\n**{bench.title}**\n\n{bench.description}\n\n"
            f"It checks:\n\n{checks}"
        )
    return "\n".join(parts)
