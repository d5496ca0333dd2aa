"""What became of events that were sent by hand, as text: manual send -> **send texts** -> message editor. No Qt."""

from __future__ import annotations

from bench_app.engine.manual_sends import ManualSend
from bench_app.handlers.request_end import RequestOutcome
from bench_ui.widgets import number_format

_MOST_CHARACTERS = 2000
_OUTCOMES = {
    RequestOutcome.NO_REPLY: "No reply to any attempt, after {time}.",
    RequestOutcome.NOT_SENT: "Not sent: the socket did not take the request within send_timeout.",
    RequestOutcome.ABORTED: "Aborted: the handler ended before it was sent.",
    RequestOutcome.WITHDRAWN: "Withdrawn.",
}


def sent_text(handler: str, send: ManualSend, at_s: float) -> str:
    """What was offered, and what of it is lost or waits."""
    at = number_format.clock(at_s)
    all_of = f"{send.offered:,} of {send.count:,}" if send.offered < send.count else f"{send.count:,}"
    sentences = [f"Offered {'' if send.count == 1 else f'{all_of} '}to {handler} at {at}."]
    if send.lost:
        lost = "It was" if send.count == 1 else f"{send.lost:,} of them were"
        sentences.append(f"{lost} lost at once: the queue takes no more.")
    elif send.queued:
        sentences.append(f"{send.queued:,} wait in its queue.")
    return " ".join(sentences)


def answer_text(send: ManualSend) -> str:
    """How the requests ended, with the last reply; "" before the first one has."""
    if not send.answers:
        return ""
    last = send.answers[-1]
    if last.outcome is RequestOutcome.REPLIED:
        body = b"\n".join(last.frames).decode("utf-8", "backslashreplace")
        shown = body if len(body) <= _MOST_CHARACTERS else f"{body[:_MOST_CHARACTERS]}…"
        text = f"Reply after {number_format.duration_ns(last.waited_ns)}: {shown}"
    else:
        text = _OUTCOMES[last.outcome].format(time=number_format.duration_ns(last.waited_ns))
    if send.count == 1:
        return text
    longest = f", longest {number_format.duration_ns(send.longest_ns)}" if send.replied else ""
    return f"{send.replied:,} replies to {send.ended:,} requests{longest}. The last: {text}"
