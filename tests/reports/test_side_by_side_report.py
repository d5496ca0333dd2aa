from __future__ import annotations

from bench_app.reports.side_by_side import put_side_by_side
from bench_app.reports.side_by_side_report import side_by_side_sections
from tests.reports.test_side_by_side import made_run


def test_texts_from_outside_are_harmless_and_no_difference_is_said() -> None:
    page = "".join(side_by_side_sections(put_side_by_side([made_run("<b>one"), made_run("two")])))
    assert "<b>one" not in page and "&lt;b&gt;one" in page
    assert "<p>none</p>" in page
