"""Templates and history of events that are sent by hand."""

from __future__ import annotations

import json

from bench_ui.panels.sent_events import MOST_SENT, SentEvent, SentEvents, Template, editable
from hypothesis import given
from hypothesis import strategies as st

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)


@given(
    st.lists(st.builds(Template, TEXTS, TEXTS, TEXTS), max_size=5),
    st.lists(st.builds(SentEvent, TEXTS, TEXTS, st.integers(1, 99)), max_size=5),
)
def test_the_settings_file_keeps_everything(templates: list[Template], sent: list[SentEvent]) -> None:
    events = SentEvents(tuple(templates), tuple(sent))
    assert SentEvents.from_json(events.as_json()) == events


@given(TEXTS)
def test_a_damaged_file_is_empty(text: str) -> None:
    assert SentEvents.from_json(text) == SentEvents()


def test_a_template_replaces_one_of_its_name_and_can_be_removed() -> None:
    first, second, other = Template("a", "1"), Template("a", "2"), Template("a", "3", "mine")
    events = SentEvents().with_template(first).with_template(other).with_template(second)
    assert events.templates == (second, other)
    assert events.templates_for("theirs") == [second]
    assert events.without_template(second).templates == (other,)


def test_an_event_that_is_sent_again_stands_once_at_the_top() -> None:
    events = SentEvents()
    for number in [*range(2 * MOST_SENT), MOST_SENT + 3]:
        events = events.with_sent(SentEvent("h", str(number)))
    assert len(events.sent) == MOST_SENT
    assert [one.text for one in events.sent[:2]] == [str(MOST_SENT + 3), str(2 * MOST_SENT - 1)]


def test_a_label_is_one_short_line() -> None:
    assert SentEvent("h", '{\n "a": 1}').label == 'h: { "a": 1}'
    assert SentEvent("h", "{}", 1200).label == "h: 1,200 × {}"
    assert len(SentEvent("h", "x" * 500).label) < 70


def test_a_received_event_is_edited_without_its_stamp() -> None:
    assert json.loads(editable(b'{"_bench":"1-0","a":{"b":[1]}}')) == {"a": {"b": [1]}}
    assert editable(b"[1]") == editable(b"no json") == editable(b"\xff") == ""
