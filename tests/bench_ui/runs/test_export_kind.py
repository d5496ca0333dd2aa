"""The kinds of export: the text in the menu and the ending of the file."""

from __future__ import annotations

from bench_ui.runs.export_kind import ExportKind


def test_each_kind_has_a_menu_text_of_its_own_and_the_ending_of_its_format() -> None:
    texts = {(kind.value, kind.menu_text, kind.ending) for kind in ExportKind}
    assert texts == {
        ("json", "Result as JSON…", "json"),
        ("csv", "Result as CSV…", "csv"),
        ("history", "History as CSV…", "csv"),
        ("report", "Report as HTML…", "html"),
        ("markdown", "Result as Markdown…", "md"),
        ("junit", "Result as JUnit XML…", "xml"),
        ("run", "Whole run, for another bench…", "zmqrun"),
    }
