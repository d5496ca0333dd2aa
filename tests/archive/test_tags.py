from __future__ import annotations

from bench_app.archive import Archive
from bench_app.archive.tags import format_tags, tags_of
from tests.archive.runs import a_record


def test_tags_are_words_between_blanks_and_commas_each_once() -> None:
    assert tags_of(" night, tcp  night,,hwm-100 ") == ("night", "tcp", "hwm-100")
    assert tags_of("") == ()
    assert tags_of(format_tags(["a b", "c,a"])) == ("a", "b", "c")


def test_an_archive_keeps_the_tags_of_a_run_also_when_it_is_deleted_and_brought_back(archive: Archive) -> None:
    run = archive.add(a_record())
    assert archive.summaries()[0].tags == ()
    archive.set_tags(run, ["night", "tcp"])
    archive.undelete(archive.delete([run]))
    assert archive.summaries()[0].tags == ("night", "tcp")
