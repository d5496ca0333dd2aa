"""Marks of moments: which are kept, which become one, and what is painted."""

from __future__ import annotations

from itertools import pairwise

import pyqtgraph as pg
from bench_ui.plots.mark import Mark, MarkKind
from bench_ui.plots.markers import MARKERS_KEPT, Markers, label_points, merge_marks, place_labels
from bench_ui.widgets.theme import DARK
from hypothesis import example, given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

CHANGE, EVENT, FAULT, NOTE = MarkKind.CHANGE, MarkKind.EVENT, MarkKind.FAULT, MarkKind.NOTE


def test_marks_in_one_place_become_one_with_the_label_of_the_highest_kind() -> None:
    marks = [
        Mark(1.0, "HWM 1000 -> 10", CHANGE),
        Mark(1.01, "a peer left"),
        Mark(1.02, "connected"),
        Mark(2.0, "connected"),
        Mark(2.04, "a peer left"),
        Mark(3.0, "delay 1 -> 2", CHANGE),
        Mark(3.04, "delay 2 -> 4", CHANGE),
        Mark(4.0, "killed", FAULT),
        Mark(4.01, "connected"),
        Mark(4.02, "HWM 10 -> 20", CHANGE),
    ]
    merged = [(mark.at_s, mark.text) for mark in merge_marks(marks, 0.05)]
    assert merged == [(1.0, "HWM 1000 -> 10"), (2.0, "a peer left"), (3.0, "delay 2 -> 4"), (4.0, "killed")]
    assert merge_marks(marks, 0.0) == marks
    assert merge_marks([], 1.0) == []


def ten_pixels(text: str) -> float:
    """Each character is ten pixels wide."""
    return 10.0 * len(text)


def texts(*marks: Mark, right: float = 400.0) -> dict[float, str]:
    """The labels by the pixel at which they begin."""
    return {label.x: label.text for label in place_labels(marks, 0.0, right, ten_pixels)}


def test_a_label_is_beside_its_line_where_there_is_room() -> None:
    assert texts(Mark(100.0, "connected")) == {103.0: "connected"}
    assert texts(Mark(380.0, "connected")) == {287.0: "connected"}, "near the edge to the left"


def test_a_label_without_room_gets_its_short_text_then_is_cut_at_one_end() -> None:
    """A change keeps its end, where the new value is. Anything else keeps its beginning."""
    assert texts(Mark(200.0, "zmq-publisher: connected to it", EVENT, "connected to it")) == {203.0: "connected to it"}
    assert texts(Mark(200.0, "a reason that is far too long", FAULT)) == {203.0: "a reason that is f…"}
    assert texts(Mark(200.0, "zmq-publisher: linger 1000 -> 2000", CHANGE)) == {203.0: "…inger 1000 -> 2000"}
    assert texts(Mark(20.0, "connected"), right=40.0) == {}, "not a fragment"


def test_faults_get_their_labels_first_then_notes_then_changes() -> None:
    marks = [
        Mark(100.0, "its worker was killed", FAULT),
        Mark(110.0, "HWM 1 -> 2", CHANGE),
        Mark(120.0, "connected", EVENT),
        Mark(320.0, "lunch", NOTE),
    ]
    assert texts(*marks) == {103.0: "its worker was killed", 323.0: "lunch"}


def test_a_high_plot_has_several_rows_of_labels() -> None:
    marks = [Mark(100.0, "its worker was killed", FAULT), Mark(110.0, "HWM 1 -> 2", CHANGE), Mark(120.0, "connected")]
    labels = place_labels(marks, 0.0, 400.0, ten_pixels, rows=3)
    assert {label.text: label.row for label in labels} == {"its worker was killed": 0, "HWM 1 -> 2": 1, "connected": 2}


@given(
    st.lists(
        st.tuples(st.floats(0.0, 400.0), st.text("abc ", min_size=1, max_size=60), st.sampled_from(MarkKind)),
        max_size=12,
    ),
    st.integers(1, 3),
)
@example([(0.0, "a", CHANGE), (3.0, "a", EVENT)], 1)
def test_labels_never_overlap_and_are_never_cut_at_both_ends(
    marks: list[tuple[float, str, MarkKind]], rows: int
) -> None:
    labels = place_labels([Mark(*mark) for mark in marks], 0.0, 400.0, ten_pixels, rows)
    labels.sort(key=lambda label: (label.row, label.x))
    for label in labels:
        assert label.x >= 0.0 and label.x + ten_pixels(label.text) <= 400.0
        assert not (label.text.startswith("…") and label.text.endswith("…"))
    for one, other in pairwise(labels):
        assert one.row < other.row or one.x + ten_pixels(one.text) <= other.x


def test_a_further_step_of_a_change_replaces_the_last_change(qapp: object) -> None:
    markers = Markers()
    markers.extend_change(Mark(1.0, "delay 1 -> 2", CHANGE))
    markers.add(Mark(1.1, "connected"))
    markers.extend_change(Mark(1.0, "delay 1 -> 4", CHANGE))
    assert [mark.text for mark in markers.marks] == ["delay 1 -> 4", "connected"]


def test_only_the_newest_marks_are_kept(qapp: object) -> None:
    markers = Markers()
    for place in range(MARKERS_KEPT + 10):
        markers.add(Mark(float(place), f"mark {place}"))
    assert len(markers.marks) == MARKERS_KEPT
    assert markers.marks[0].text == "mark 10" and markers.marks[-1].at_s == MARKERS_KEPT + 9
    markers.clear()
    assert markers.marks == []


def test_the_marks_near_a_moment(qapp: object) -> None:
    markers = Markers()
    markers.add(Mark(1.0, "one"))
    markers.add(Mark(2.0, "two", CHANGE))
    markers.add(Mark(9.0, "nine"))
    assert markers.near(1.5, 0.5) == ["one", "two"]
    assert markers.near(5.0, 0.5) == []


def test_a_plot_without_room_has_lines_without_labels(qtbot: QtBot) -> None:
    view = pg.PlotWidget()
    qtbot.addWidget(view)
    markers = Markers()
    markers.set_theme(DARK)
    view.addItem(markers, ignoreBounds=True)
    view.resize(400, 200)
    view.setXRange(0, 10, padding=0)
    view.show()
    without = view.grab().toImage()
    markers.has_labels = False
    markers.add(Mark(5.0, "a long label"))
    line = view.grab().toImage()
    markers.has_labels = True
    markers.update()
    assert len({image.cacheKey() for image in (without, line)}) == 2
    assert line != without and view.grab().toImage() != line


def test_marks_are_painted_only_inside_the_view(qtbot: QtBot) -> None:
    view = pg.PlotWidget()
    qtbot.addWidget(view)
    markers = Markers()
    markers.set_theme(DARK)
    view.addItem(markers, ignoreBounds=True)
    view.resize(400, 200)
    view.setXRange(0, 10, padding=0)
    view.show()
    without = view.grab().toImage()
    markers.add(Mark(50.0, "outside"))
    assert view.grab().toImage() == without
    markers.add(Mark(5.0, "inside"))
    assert view.grab().toImage() != without


def test_large_labels_grow_with_the_window() -> None:
    assert label_points(True, 3.0) == 3 * label_points(True, 1.0) > label_points(False, 3.0)
