"""A question is a command with its options."""

from __future__ import annotations

from bench_ui.lab.question import Question


def test_the_options_of_a_question_are_found_by_name() -> None:
    question = Question("sweep", ["--vary", "a=1", "--vary", "b=2", "--repeat", "3"])
    assert question.values("--vary") == ["a=1", "b=2"]
    assert question.number("--repeat", 1) == 3
    assert question.number("--duration", 2.5) == 2.5


def test_a_question_in_a_few_words() -> None:
    assert Question("sweep", ["--vary", "a.hwm=1,2", "--vary", "b.size=3", "--repeat", "2"]).summary == "hwm, size"
    assert Question("ab", ["--a", "bench.io_threads=1", "--pairs", "5"]).summary == "io_threads=1"
    assert Question("find", ["--loss", "0", "--goal", "drops == 0"]).summary == "loss 0, drops == 0"
    assert Question("hwm").summary == ""
