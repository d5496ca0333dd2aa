"""Links of the repository that the built site replaces by what they lead to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bench_reference.repository_links import with_files, with_preset_links

from tests.docs.pages import PAGES, ROOT, name_of


def test_a_file_takes_the_place_of_its_link() -> None:
    page = "Before\n\n<!-- shown: language=json lines=3-4 -->\n[docs/a.json](../a.json)\n\nAfter\n"
    assert with_files(page) == "Before\n\n```{literalinclude} ../a.json\n:language: json\n:lines: 3-4\n```\n\nAfter\n"


def test_a_drawing_becomes_a_part_of_the_page() -> None:
    assert with_files("<!-- shown: raw -->\n![A place](../a.svg)") == "```{raw} html\n:file: ../a.svg\n```"


def test_a_link_to_a_shipped_preset_leads_to_its_description() -> None:
    assert with_preset_links("[`a-b`](../../presets/a-b.json)") == "[`a-b`](#preset-a-b)"
    assert with_preset_links("[own](../presets/own.json)") == "[own](../presets/own.json)"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_links_of_a_page_lead_to_files_of_the_repository(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []
    assert all((page.parent / target).resolve().is_relative_to(ROOT) for target in targets)
