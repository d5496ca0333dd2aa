"""Files <-> **documents**: presets with their JSON. A document is frozen, and its preset is valid.

A :class:`Document` keeps the JSON of the file beside the specs made from it. So saving a preset keeps the keys that the
bench does not know.
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
