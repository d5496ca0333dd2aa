"""The presets that ship: title, description and checks of each."""

from __future__ import annotations

from bench_app.preset import documents
from bench_reference.markdown import code


def shipped_presets() -> str:
    """One section a preset, with the label ``preset-NAME`` for links from other pages."""
    parts = []
    for document in documents.shipped_documents():
        bench = document.preset.bench
        checks = "".join(f"- {code(check)}\n" for check in bench.checks)
        parts.append(
            f"(preset-{document.name})=\n## {code(document.name)}\n\n**{bench.title}**\n\n{bench.description}\n\n"
            f"It checks:\n\n{checks}"
        )
    return "\n".join(parts)
