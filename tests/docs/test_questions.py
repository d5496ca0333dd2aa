"""The questions of new users: at most two links lead from the front page to the answer, and the answer is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.docs.pages import DOCS

_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)#\s]+\.md)(#[^)]*)?\)")


class Question(NamedTuple):
    """What a new user asks, the links to click, and what the page at the end must say."""

    text: str
    clicks: tuple[str, ...]
    answers: tuple[str, ...]


QUESTIONS = [
    Question(
        "My consumer is in C++ on another host. Which end binds, and what can be known?",
        ("How do I test a consumer on another host, in C++?",),
        ('"paired": false', "a PULL that binds", "zmq_socket(context", "ufw allow", "one-way latency"),
    ),
    Question(
        "My own subscriber misses messages. How many, which ones, and when were they due?",
        ("What did my own consumer lose?",),
        ("accepted = received + missing", "zmq-bench account", "gap: numbers", "std::optional<Stamp> decode"),
    ),
    Question(
        "How does a bad configuration fail my job in GitHub or GitLab, and what if the machine was only busy?",
        ("How do I run it in CI?",),
        ("| 3 | the run is `invalid`", "runs-on:", "exit_codes: [3]", "--junit"),
    ),
    Question(
        "I have two minutes to show colleagues what ZeroMQ does to their messages.",
        ("How do I show it to others?",),
        ("zmq-bench demo pub-loss", "--record-frames", "Page Down"),
    ),
    Question(
        "How do I replay last night's log into two sinks, ten times as fast, and to its end?",
        ("How do I replay yesterday's log?",),
        ('"speed": 10', '"duration_s": 2880', "sink_field", "not_reached", "text lines cannot be replayed"),
    ),
    Question(
        "It says 80 us. How much of that is the bench, and from when on may I believe it?",
        ("How accurate are the figures?",),
        ("against plain libzmq", "A latency below 0.1 ms", "make bench"),
    ),
    Question(
        "How do I publish and ask from a program with asyncio, without blocking the loop?",
        ("with asyncio",),
        ("bench_app.aio", "await client.request(value)", "RequestTimeoutError", "Which call is awaited"),
    ),
    Question(
        "My program also writes to MQTT. What must a handler class of my own have, and how does a file name it?",
        ("with a scheme of your own",),
        ("attribute `sink`", "`flush(timeout_s=None)`", "zmq_bench.schemes", "lines://"),
    ),
    Question(
        "My client says: Operation cannot be accomplished in current state. What did I do?",
        ("What does this error message mean?",),
        ("EFSM", "sent twice without a receive", "ZMQ_REQ_RELAXED", "req-lost-reply"),
    ),
    Question(
        "I have a pyzmq script with send and sleep in a loop. What replaces it?",
        ("I know pyzmq, `perf` or MQTTX",),
        ("time.sleep(0.001)", '"rate": 1000', "recv_multipart()"),
    ),
    Question(
        "local_thr says 2,000,000 messages a second. Why does the bench say less?",
        ("I know pyzmq, `perf` or MQTTX",),
        ("local_thr", "lower than that of `perf`", "accuracy.md"),
    ),
    Question(
        "I know MQTT. Where are QoS, retained messages and wildcards?",
        ("I know pyzmq, `perf` or MQTTX",),
        ("QoS 1, 2", "retained message", "a prefix of bytes"),
    ),
    Question(
        "I slept after bind, and my subscriber still misses the first messages. Why?",
        ("Why do I lose the first messages?",),
        ("slow joiner", "Do not rely on a sleep", "before join"),
    ),
    Question(
        "Does a run of my production file send anything to production?",
        ("Does a run of my production file touch production?",),
        ("on loopback", '"paired": false', "Output.from_preset"),
    ),
    Question(
        "The verdict is invalid. Why, and what do I do?",
        ("Why is my run `invalid`?",),
        ("do not trust the figures", "lower the rate", "3 for `invalid`"),
    ),
    Question(
        "What is the difference between service and response?",
        ("measured from",),
        ("coordinated omission", "| `response` | due | received |"),
    ),
    Question(
        "The handler gave up. How do I make it connect again?",
        ("How-to pages", "Connection refused"),
        ("Connect again", "handler.reconnect()", "max_reconnect_attempts"),
    ),
]


def after(page: Path, link: str) -> Path:
    """The page to which the link with this text leads; several such links must lead to one page."""
    found = {target for text, target, _ in _LINK.findall(page.read_text().replace("\n", " ")) if link in text}
    assert len(found) == 1, f"{page.name} has {len(found)} links {link!r}"
    return (page.parent / found.pop()).resolve()


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.text)
def test_two_clicks_lead_to_the_answer(question: Question) -> None:
    assert len(question.clicks) <= 2
    page = DOCS / "index.md"
    for click in question.clicks:
        page = after(page, click)
    # The page shows the files to which it links.
    shown = [page.parent / target for target in re.findall(r"^\[[^\]]+\]\((\S+)\)$", page.read_text(), re.MULTILINE)]
    text = "\n".join(one.read_text() for one in [page, *shown])
    assert [answer for answer in question.answers if answer not in text] == []
