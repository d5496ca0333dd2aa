"""An advice as text, and as settings."""

from __future__ import annotations

from pathlib import Path

import msgspec

from bench_app.advice.advice import PAGE, Advice, Rule

ADVICE = Advice(
    rule=Rule.SLOW_CONSUMER,
    unit="h/slow",
    cause="queue_overflow",
    events_lost=45_300,
    is_certain=True,
    why="slow takes 470/s of 5,000/s",
    remedy="a queue would do",
    sum={"rate": 5000},
    proposal={"bench.listeners.h[0].delay_ms": 0.05, "bench.handlers.h.start_gate": True},
)


def test_the_line_has_loss_reason_and_remedy() -> None:
    assert ADVICE.message == "h/slow, 45,300 lost (overflow): slow takes 470/s of 5,000/s. A queue would do."


def test_a_bent_reading_is_said_first() -> None:
    bent = msgspec.structs.replace(ADVICE, caveat="The reading is bent: h did not run for 0.40 s")
    assert bent.message == f"The reading is bent: h did not run for 0.40 s. {ADVICE.message}"


def test_a_short_line_has_the_main_numbers_and_what_is_proposed() -> None:
    why, proposed = "1/s of 2/s: room delays it", "proposed: set queue_size 9"
    long = msgspec.structs.replace(ADVICE, why=why, remedy="more would do", proposed=proposed)
    assert long.texts == (
        "1/s of 2/s: room delays it. More would do. Proposed: set queue_size 9.",
        "1/s of 2/s. More would do. Proposed: set queue_size 9.",
        "1/s of 2/s. Proposed: set queue_size 9.",
    )
    assert ADVICE.texts[2] == "slow takes 470/s of 5,000/s. A queue would do."
    assert long.short_message == "h/slow, 45,300 lost (overflow): 1/s of 2/s. Proposed: set queue_size 9."


def test_settings_are_as_the_option_set_takes_them() -> None:
    assert ADVICE.settings == ["bench.listeners.h[0].delay_ms=0.05", "bench.handlers.h.start_gate=true"]


def test_every_rule_has_its_heading_on_the_page() -> None:
    page = (Path(__file__).parents[2] / "docs" / f"{PAGE}.md").read_text()
    for rule in Rule:
        assert f"({rule.replace('_', '-')})=\n" in page, rule
