"""Presets as documents: files <-> what a run wants. Everything downstream of here is frozen, valid data.

A :class:`Document` keeps the JSON as it was read beside the specs made from it. So keys that the bench does not know
are still there when the preset is saved.
"""

from bench_app.preset.documents.document import Document, parse
from bench_app.preset.documents.edits import copy_of, replace, replace_all, with_load, with_raw
from bench_app.preset.documents.loading import exists, load
from bench_app.preset.documents.saving import dump, save
from bench_app.preset.documents.shipped_presets import DEFAULT, PRODUCTION, shipped, shipped_documents

__all__ = [
    "DEFAULT",
    "PRODUCTION",
    "Document",
    "copy_of",
    "dump",
    "exists",
    "load",
    "parse",
    "replace",
    "replace_all",
    "save",
    "shipped",
    "shipped_documents",
    "with_load",
    "with_raw",
]
