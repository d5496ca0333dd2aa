"""The words under which the search finds a page."""

from __future__ import annotations

import pytest
from bench_reference.search_words import EXPECTED, missing, with_index_entries, words_of

from tests.docs.pages import DOCS, PAGES, name_of

WORDS = {name_of(page).removesuffix(".md"): words_of(page.read_text()) for page in PAGES}


@pytest.mark.parametrize(("word", "page"), EXPECTED.items())
def test_a_page_names_the_words_that_readers_search_for(word: str, page: str) -> None:
    assert word in WORDS[page]


def test_no_two_pages_name_the_same_word() -> None:
    words = [word for found in WORDS.values() for word in found]
    assert sorted(words) == sorted(set(words))


def test_a_comment_becomes_entries_of_the_index() -> None:
    page = "# Title\n\n<!-- search: before join, lost -->\n\nText\n"
    assert with_index_entries(page) == (
        "# Title\n\n```{index} ! single: before join\n```\n\n```{index} ! single: lost\n```\n\nText\n"
    )


def test_a_word_that_leads_nowhere_is_found() -> None:
    entries = {word: [page] for word, page in EXPECTED.items()}
    assert missing(entries) == []
    assert missing({**entries, "demo": ["how-to/ci"]}) == ["demo"]
    assert missing({}) == list(EXPECTED)


def test_the_version_is_shown() -> None:
    assert 'html_title = f"ZMQ Test Bench {version}"' in (DOCS / "conf.py").read_text()
