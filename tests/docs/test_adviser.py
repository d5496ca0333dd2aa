"""The page about the adviser: its sums come out, and its examples are what the rules compute."""

from __future__ import annotations

import re

import pytest

from bench_app.advice.advice import PAGE, Rule
from bench_app.advice.adviser import costliest
from bench_app.advice.situation import HandlerSituation
from bench_app.model import ConstantLoad
from tests.advice.situations import PUB, REQ, handler, listener
from tests.docs.pages import DOCS

TEXT = (DOCS / f"{PAGE}.md").read_text()
SUMS = re.findall(r"^([0-9(][-+x/^() 0-9.,]*) = ([0-9.,]+)  ", TEXT, re.MULTILINE)


def asking(service: dict[str, object], rate: float = 5.0) -> HandlerSituation:
    config, load = {**REQ, "request_timeout": 50, "retries": 3}, ConstantLoad(rate=rate)
    return handler(listener("s", service), config=config, counts={"request_timeout": 3}, load=load, duration_s=6.0)


SLOW = listener("slow", {"delay_ms": 2, "high_water_mark": 100}, lost=44_000, rate=470.0, holds=1390)
WORKERS = [listener(f"w{n}", {"delay_ms": 5}, path=("bench", "listeners", "h", n)) for n in range(2)]
VIEWER = listener("viewer", {"stall": [1, 3600], "high_water_mark": 100}, lost=4650, holds=350)
NEVER = listener("worker", {"stall": [0, 3600]})
STALLS = listener("worker", {"stall": [1, 3]})
PINGS = {"heartbeat_interval": 400, "heartbeat_timeout": 300}
AT_ONCE = {"send_timeout": 0, "queue_size": 10}

EXAMPLES = {
    Rule.SLOW_CONSUMER: [handler(SLOW, config=PUB, load=ConstantLoad(rate=5000), message_bytes=8192)],
    Rule.TOO_FEW_WORKERS: [handler(*WORKERS, counts={"queue_overflow": 9})],
    Rule.BURST: [handler(VIEWER, config={**PUB, "high_water_mark": 100}, duration_s=6.0)],
    Rule.QUEUE_OVERFLOW: [handler(STALLS, config={"send_timeout": -1}, counts={"queue_overflow": 900})],
    Rule.SEND_TIMEOUT: [
        handler(NEVER, config=AT_ONCE, counts={"send_timeout": 9}, load=ConstantLoad(rate=2000), duration_s=6.0)
    ],
    Rule.REQUEST_TIMEOUT: [asking({"drop_replies": 0.2}, 50.0), asking({"delay_ms": 60}), asking({"stall": [1, 3]})],
    Rule.SLOW_JOINER: [handler(listener(before_join=30), config=PUB, bench={"start_gate": False})],
    Rule.HEARTBEAT: [handler(STALLS, bench=PINGS, lost=203, duration_s=4.0)],
    Rule.RECONNECT: [handler(counts={"queue_overflow": 9}, ever_connected=False, bench={"paired": False})],
    Rule.DEAD_WORKER: [handler(listener("doomed", deaths=1), lost=300)],
}
"""The situations of the worked examples, by the rule that each is about."""


def section(rule: Rule) -> str:
    """The part of the page about a rule."""
    return re.split(r"\n\([a-z-]+\)=\n", TEXT.partition(f"({rule.replace('_', '-')})=\n")[2])[0]


def test_every_section_has_a_sum() -> None:
    assert set(EXAMPLES) == set(Rule)
    assert len(SUMS) > 25
    for rule in Rule:
        assert re.search(r"^[0-9(].* = [0-9]", section(rule), re.MULTILINE), rule


@pytest.mark.parametrize(("left", "right"), SUMS)
def test_a_sum_comes_out(left: str, right: str) -> None:
    value = eval(left.replace(",", "").replace("x", "*").replace("^", "**"), {"__builtins__": {}})
    digits = len(right.partition(".")[2])
    assert value == pytest.approx(float(right.replace(",", "")), abs=0.5 * 10**-digits)


@pytest.mark.parametrize("rule", list(Rule))
def test_each_value_that_is_proposed_in_an_example_is_in_its_section(rule: Rule) -> None:
    for situation in EXAMPLES[rule]:
        advice = costliest([situation])
        assert advice is not None and advice.rule is rule
        for path, value in advice.proposal.items():
            key = path.rpartition(".")[2]
            assert key in section(rule), key
            if not isinstance(value, bool | str):
                assert re.search(rf"\b{value:,.10g}\b", section(rule)), f"{key} {value:,}"


def test_the_line_at_the_top_is_what_the_terminal_prints() -> None:
    advice = costliest(EXAMPLES[Rule.SLOW_CONSUMER])
    assert advice is not None
    top = " ".join(TEXT.partition("```text\n")[2].partition("```")[0].split())
    assert advice.message.replace("h/slow", "zmq-publisher/slow") in top
    for setting in advice.settings:
        assert f"--set {setting}".replace(".h.", ".zmq-publisher.").replace(".h[0]", ".zmq-publisher[1]") in top
