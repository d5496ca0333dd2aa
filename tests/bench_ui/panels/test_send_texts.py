"""What became of events that were sent by hand, in words."""

from __future__ import annotations

import pytest
from bench_ui.panels.send_texts import answer_text, sent_text

from bench_app.engine.control.messages import RequestAnswered
from bench_app.engine.manual_sends import ManualSend
from bench_app.handlers.request_end import RequestOutcome


@pytest.mark.parametrize(
    ("send", "text"),
    [
        (ManualSend(1, 1, True, 1), "Offered to h at 00:05.1."),
        (ManualSend(1, 1, True, 1, lost=1), "Offered to h at 00:05.1. It was lost at once: the queue takes no more."),
        (ManualSend(1, 1, True, 1, queued=1200), "Offered to h at 00:05.1. 1,200 wait in its queue."),
        (ManualSend(1, 2000, True, 2000), "Offered 2,000 to h at 00:05.1."),
        (
            ManualSend(1, 2000, True, 1500, lost=3),
            "Offered 1,500 of 2,000 to h at 00:05.1. 3 of them were lost at once: the queue takes no more.",
        ),
    ],
)
def test_what_was_offered(send: ManualSend, text: str) -> None:
    assert sent_text("h", send, 5.1) == text


def answered(outcome: RequestOutcome, *frames: bytes) -> RequestAnswered:
    return RequestAnswered(unit="h", number=1, outcome=outcome, waited_ns=1_500_000, frames=frames)


def test_a_reply_has_its_round_trip() -> None:
    send = ManualSend(1, 1, True, 1, ended=1, replied=1, answers=[answered(RequestOutcome.REPLIED, b'{"ok":1}', b"x")])
    assert answer_text(send) == 'Reply after 1.50 ms: {"ok":1}\nx'
    assert answer_text(ManualSend(1, 1)) == ""


def test_every_other_end_is_a_sentence() -> None:
    for outcome in RequestOutcome:
        assert answer_text(ManualSend(1, 1, True, 1, answers=[answered(outcome)]))
    none = answered(RequestOutcome.NO_REPLY)
    assert answer_text(ManualSend(1, 1, True, 1, answers=[none])) == "No reply to any attempt, after 1.50 ms."


def test_a_burst_has_its_sum_and_the_last_reply() -> None:
    send = ManualSend(1, 9, True, 9, ended=9, replied=8, longest_ns=2_000_000)
    send.answers = [answered(RequestOutcome.REPLIED, b"yes")]
    assert answer_text(send) == "8 replies to 9 requests, longest 2.00 ms. The last: Reply after 1.50 ms: yes"
