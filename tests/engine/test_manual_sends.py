"""Every event that a user sent by hand is in the ledger, or it was not sent, whatever happens to the worker."""

from __future__ import annotations

from array import array
from collections import deque
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from bench_app.engine.control.messages import EventsOffered, RequestAnswered, SendEvent
from bench_app.engine.manual_sends import ANSWERS_KEPT, ManualSend, ManualSends
from bench_app.engine.worker.manual_sends import ManualSends as WorkerSends
from bench_app.handlers.core import HandlerCore
from bench_app.handlers.request_end import RequestOutcome
from bench_app.measure.counters import HandlerSlot
from bench_app.measure.ledger import close_crashed
from bench_app.measure.recorder import Recorder
from bench_app.measure.sample_buffer import SampleBuffer
from bench_app.model import Delivery, HandlerConfig, patterns
from tests.handlers.core_bench import Port


def offered(number: int, count: int, lost: int = 0) -> EventsOffered:
    return EventsOffered(unit="h", number=number, at_ns=1, offered=count, lost=lost)


def answered(number: int, outcome: RequestOutcome = RequestOutcome.REPLIED, waited_ns: int = 7) -> RequestAnswered:
    return RequestAnswered(unit="h", number=number, outcome=outcome, waited_ns=waited_ns, frames=(b"yes",))


def test_an_answer_settles_its_send() -> None:
    sends = ManualSends()
    first, second = sends.begin(1), sends.begin(5)
    sends.take_offered(offered(2, 3, lost=1))
    assert not first.is_settled
    assert (second.is_settled, second.offered, second.lost, second.is_confirmed) == (True, 3, 1, True)
    sends.take_offered(offered(9, 3))


def test_an_ended_worker_has_offered_in_the_order_of_the_messages() -> None:
    sends = ManualSends()
    confirmed = sends.begin(2)
    sends.take_offered(offered(1, 2))
    waiting = [sends.begin(count) for count in (3, 4, 1)]
    sends.settle(2 + 3 + 2)
    assert [one.offered for one in (confirmed, *waiting)] == [2, 3, 2, 0]
    assert all(one.is_settled and not one.is_confirmed for one in waiting)
    # The next worker counts on.
    later = sends.begin(1)
    sends.settle(8)
    assert later.offered == 1


def test_requests_have_ended_when_each_that_the_queue_took_has() -> None:
    sends = ManualSends()
    send = sends.begin(4)
    sends.take_answer(answered(1))
    assert not send.is_answered
    sends.take_offered(offered(1, 4, lost=1))
    sends.take_answer(answered(1, RequestOutcome.NO_REPLY, 99))
    assert not send.is_answered
    sends.take_answer(answered(1, waited_ns=9))
    assert send.is_answered
    assert (send.ended, send.replied, send.longest_ns) == (3, 2, 9)
    sends.take_answer(answered(1))
    assert send.ended == 3


def test_of_a_long_burst_the_newest_answers_are_kept() -> None:
    sends = ManualSends()
    send = sends.begin(1000)
    for number in range(500):
        sends.take_answer(answered(1, waited_ns=number))
    assert [one.waited_ns for one in send.answers] == list(range(500 - ANSWERS_KEPT, 500))


class KilledError(Exception):
    """The worker process was killed here."""


class PlayedWorker:
    """The real code that offers events by hand, on a real core. Messages on both ways may be lost by a kill.

    Attributes:
        orders: messages to the worker that it has not read.
        answers: messages of the worker that the session has not read.
        steps: after so many further sends into the socket and messages it is killed.
    """

    def __init__(self, slots: memoryview[int]) -> None:
        self.port = Port()
        self.port.on_send = self._step
        self.orders: deque[SendEvent] = deque()
        self.answers: deque[EventsOffered] = deque()
        self.steps = 10**6
        self.unit = "h"
        core = HandlerCore(HandlerConfig(queue_size=5, send_timeout=-1), self.port, slots, SampleBuffer(Recorder()))
        parts = SimpleNamespace(
            core=core,
            counters=SimpleNamespace(slots=slots),
            port=SimpleNamespace(render=bytearray),
            kind=SimpleNamespace(pattern=patterns.PUSH),
        )
        self.sends = WorkerSends(parts, self)

    def work(self, steps: int) -> None:
        """Carry out all orders, or be killed after ``steps``."""
        self.steps = steps
        try:
            while self.orders:
                self.sends.add(self.orders.popleft())
            while self.sends.step():
                pass
        except KilledError:
            self.orders.clear()

    def send(self, message: EventsOffered) -> None:
        self._step()
        self.answers.append(message)

    def _step(self) -> None:
        if not self.steps:
            raise KilledError
        self.steps -= 1


ACTS = st.one_of(
    st.tuples(st.just("send"), st.sampled_from([1, 2, 9, 300])),
    st.tuples(st.just("work"), st.just(10**6)),
    st.tuples(st.just("hear"), st.just(0)),
    st.tuples(st.just("kill"), st.integers(0, 400)),
    st.tuples(st.just("room"), st.integers(0, 12)),
    st.tuples(st.just("end"), st.just(0)),
)


@given(st.lists(ACTS, max_size=25))
def test_an_event_is_in_the_ledger_or_it_was_not_sent(acts: list[tuple[str, int]]) -> None:
    """Sends, a full socket, the end of the source, and kills anywhere, with messages lost on both ways."""
    slots = memoryview(array("Q", bytes(8 * len(HandlerSlot))))
    worker, sends = PlayedWorker(slots), ManualSends()
    all_sends: list[ManualSend] = []
    taken = 0
    for act, amount in [*acts, ("work", 10**6), ("hear", 0)]:
        match act:
            case "send":
                send = sends.begin(amount)
                all_sends.append(send)
                worker.orders.append(SendEvent(body=b"{}", number=send.number, count=amount))
            case "work":
                worker.work(amount)
            case "hear":
                while worker.answers:
                    sends.take_offered(worker.answers.popleft())
            case "room":
                worker.port.room = amount
            case "end":
                worker.sends.end()
            case "kill":
                worker.work(amount)
                taken += len(worker.port.taken)
                counts = close_crashed({slot.name.lower(): slots[slot] for slot in HandlerSlot}, Delivery.SHARED)
                sends.settle(counts.by_hand)
                slots[HandlerSlot.ABORTED] = counts.aborted
                slots[HandlerSlot.ACCEPTED] = slots[HandlerSlot.ATTEMPTED] = counts.accepted
                worker = PlayedWorker(slots)
    taken += len(worker.port.taken)
    assert all(send.is_settled and send.offered <= send.count for send in all_sends)
    assert sum(send.offered for send in all_sends) == slots[HandlerSlot.BY_HAND] == slots[HandlerSlot.OFFERED]
    assert taken <= slots[HandlerSlot.OFFERED]
