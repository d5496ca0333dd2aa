"""The captions of a demo: the newest is shown, and earlier ones can be read again."""

from __future__ import annotations

from bench_ui.presentation.story import Story
from hypothesis import given
from hypothesis import strategies as st


def test_back_and_forward_go_through_the_captions_that_have_come() -> None:
    story = Story(5)
    assert (story.caption, story.progress) == ("", "")
    for caption in ("one", "two", "three"):
        story.add(caption)
    assert (story.caption, story.progress) == ("three", "3 of 5")
    assert not story.forward(), "the run has to go on"
    story.back()
    story.back()
    story.back()
    assert (story.caption, story.progress) == ("one", "1 of 5")
    assert story.forward() and story.caption == "two"
    story.add("four")
    assert story.caption == "four"


@given(st.lists(st.sampled_from(["add", "back", "forward"])))
def test_what_is_shown_is_always_a_caption_that_has_come(keys: list[str]) -> None:
    story = Story()
    for number, pressed in enumerate(keys):
        if pressed == "add":
            story.add(str(number))
        elif pressed == "back":
            story.back()
        else:
            story.forward()
        assert (story.caption in story.captions) == bool(story.captions)
