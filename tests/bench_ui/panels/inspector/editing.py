"""A document that pages of the inspector edit."""

from __future__ import annotations

from typing import Any

from bench_app.errors import Fault, PresetError
from bench_app.preset import documents
from bench_app.preset.documents import Document


class EditedDocument:
    """Applies edits as the workbench does. ``texts`` and ``merges`` are those of the edits so far."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.texts: list[str] = []
        self.merges: list[str] = []

    def edit(self, assignments: list[tuple[Any, Any]], text: str, merge: str) -> list[Fault]:
        try:
            self.document = documents.replace_all(self.document, assignments)
        except PresetError as error:
            return list(error.faults)
        self.texts.append(text)
        self.merges.append(merge)
        return []

    @property
    def raw(self) -> dict[str, Any]:
        return self.document.raw
