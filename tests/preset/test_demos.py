"""The demos that ship are found by their short names, and have what a demo needs."""

from __future__ import annotations

import pytest

from bench_app.errors import InputError
from bench_app.preset.demos import PREFIX, load_demo, shipped_demos, short_name
from bench_app.preset.documents import Document

DEMOS = shipped_demos()


@pytest.mark.parametrize("name", ["pub-loss", "demo-pub-loss"])
def test_a_demo_is_found_with_and_without_the_beginning_of_its_name(name: str) -> None:
    document = load_demo(name)
    assert (document.name, short_name(document)) == ("demo-pub-loss", "pub-loss")


def test_what_is_no_demo_is_refused_with_the_names_of_the_demos() -> None:
    with pytest.raises(InputError, match=r"slow-joiner.*no bench.timeline.*Demos: .*pub-loss"):
        load_demo("presets/slow-joiner.json")
    with pytest.raises(InputError, match=r"pub-lss.*did you mean pub-loss"):
        load_demo("pub-lss")


@pytest.mark.parametrize("document", DEMOS, ids=short_name)
def test_a_demo_tells_a_story(document: Document) -> None:
    bench = document.preset.bench
    captions = [step for step in bench.timeline if step.caption]
    assert document.name.startswith(PREFIX)
    assert bench.title.startswith("Demo: ") and len(bench.description) > 80 and bench.checks
    assert len(captions) >= 5
    assert all(len(step.caption) <= 170 for step in captions), "two lines in large letters"
    assert bench.duration_s == 120
    # The run ends by a step, so that a rehearsal takes no longer than the story, and the story ends with its sum.
    assert [step.act for step in bench.timeline].count("end") == 1
    assert bench.timeline[-1].is_at_end and "{" in bench.timeline[-1].caption
    # A figure of a caption is true by itself; what the words claim is a condition.
    assert sum(bool(step.conditions) for step in bench.timeline) >= 3
