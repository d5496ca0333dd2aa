from __future__ import annotations

from datetime import UTC, datetime

from bench_app.reports.page import page
from tests.reports.html_page import Page


def test_a_page_is_whole_and_loads_nothing() -> None:
    html = page("<b>title", ["<p>one</p>"], datetime(2026, 11, 28, tzinfo=UTC))
    read = Page(html)
    assert read.problems == [] and read.addresses == []
    assert "<b>title" in read.text and "2026-11-28" in read.text
    assert "http" not in html.replace("http-equiv", "")
    assert "default-src 'none'" in html


def test_there_is_a_dark_and_a_printed_form() -> None:
    html = page("t", [])
    assert "prefers-color-scheme:dark" in html and "@media print" in html
