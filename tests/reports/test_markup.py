from __future__ import annotations

from bench_app.reports.markup import element, paragraphs, section, table, text
from tests.reports.html_page import Page

HOSTILE = "<script>alert('x')</script>\"'&\x1b[31m\u202e"


def test_text_from_outside_is_no_markup() -> None:
    page = Page(section(HOSTILE, paragraphs([HOSTILE]), table((HOSTILE,), [(HOSTILE,)]), element("p", text(HOSTILE))))
    assert "script" not in page.tags
    assert page.text.count("<script>alert('x')</script>\"'&\\x1b[31m\\u202e") == 5
    assert page.problems == []


def test_attributes_are_quoted() -> None:
    assert element("p", "", class_='a"b', data_x=1) == '<p class="a&quot;b" data-x="1"></p>'
