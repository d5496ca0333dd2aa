from bench_ui.plots.mark import Mark, MarkKind


def test_a_fault_has_its_label_before_all_others() -> None:
    marks = [Mark(1.0, "fault", MarkKind.FAULT), Mark(2.0, "note", MarkKind.NOTE), Mark(3.0, "event")]
    assert max(marks, key=lambda mark: mark.kind).text == "fault"
