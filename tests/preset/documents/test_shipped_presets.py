"""The presets that ship: all of them load, and each is found by its bare name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench_app.errors import InputError
from bench_app.preset import documents
from bench_app.preset.documents import load
from tests.preset.presets import SPECIFICATION, pub_preset, write


class TestShipped:
    def test_every_shipped_preset_loads_without_a_note(self) -> None:
        for document in documents.shipped_documents():
            assert document.preset.bench.title, document.name
            assert document.notes == [], document.name

    def test_an_empty_folder_has_no_presets(self, folder: Path) -> None:
        assert documents.shipped() == []
        with pytest.raises(InputError, match="neither a file"):
            load("slow-joiner")

    def test_a_missing_folder_has_no_presets(self, folder: Path) -> None:
        folder.rmdir()
        assert documents.shipped() == []

    def test_by_bare_name(self, folder: Path) -> None:
        write(folder, json.dumps(pub_preset(title="Slow")), "slow-joiner.json")
        write(folder, SPECIFICATION["basic"], "basic.json")
        assert documents.shipped() == [("basic", ""), ("slow-joiner", "Slow")]
        document = load("slow-joiner")
        assert (document.name, document.path, document.base_dir) == ("slow-joiner", None, folder)
        with pytest.raises(InputError, match=r"did you mean slow-joiner\?"):
            load("slow-joinr")
