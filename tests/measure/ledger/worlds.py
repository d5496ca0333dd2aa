"""Simulations of one handler each, in which the fate of every message is known. Plain Python, one act at a time."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from random import Random

from hypothesis import strategies as st


def acts(names: tuple[str, ...]) -> st.SearchStrategy[list[tuple[str, int]]]:
    """Short lists of acts, which hypothesis shrinks well, and long lists, in which many messages arrive."""
    short = st.lists(st.tuples(st.sampled_from(names), st.integers(0, 99)), max_size=40)
    return st.one_of(short, st.builds(_long, st.just(names), st.integers(0, 2**32), st.integers(40, 200)))


def _long(names: tuple[str, ...], seed: int, length: int) -> list[tuple[str, int]]:
    random = Random(seed)
    return [(random.choice(names), random.randrange(100)) for _ in range(length)]


class World:
    """The handler's side: events are offered, wait in a queue of three, and are accepted, time out or are aborted."""

    ACTS: tuple[str, ...] = (*["offer"] * 8, *["accept"] * 6, "time_out", "abort")

    def __init__(self) -> None:
        self.offered = self.queue_overflow = self.send_timeout = self.aborted = 0
        self.queued = self.replied = self.request_timeout = self.requests_in_flight = 0
        self.messages: list[str] = []
        """The topic of every accepted message; the position, counted from 1, is the sequence number."""

    def do(self, act: str, choice: int) -> None:
        getattr(self, f"do_{act}")(choice)

    def settle(self) -> None:
        self.do_abort(0)

    def do_offer(self, choice: int) -> None:
        self.offered += 1
        if self.queued == 3:
            self.queue_overflow += 1
        else:
            self.queued += 1

    def do_accept(self, choice: int) -> None:
        if self.queued:
            self.queued -= 1
            self.messages.append("")
            self.sent(len(self.messages))

    def do_time_out(self, choice: int) -> None:
        if self.queued:
            self.queued -= 1
            self.send_timeout += 1

    def do_abort(self, choice: int) -> None:
        self.aborted += self.queued
        self.queued = 0

    def sent(self, seq: int) -> None:
        raise NotImplementedError


@dataclass
class Subscriber:
    prefixes: tuple[str, ...]
    subscribed: bool = False
    join: int | None = None
    on_the_way: deque[int] = field(default_factory=deque)
    received: list[int] = field(default_factory=list)


class PubWorld(World):
    """Subscriptions take effect before the handler sees them; each subscriber has a connection of its own."""

    ACTS = (*World.ACTS, "topic", "subscribe", "see", *["deliver"] * 6, "repeat", "lose")

    def __init__(self, topics: tuple[str, ...], prefixes: list[tuple[str, ...]]) -> None:
        super().__init__()
        self.topics = topics
        self.spans = [(topics[0], 1)]
        self.listeners = {f"sub-{index}": Subscriber(each) for index, each in enumerate(prefixes, 1)}

    def settle(self) -> None:
        super().settle()
        for one in self.listeners.values():
            one.on_the_way.clear()

    def do_topic(self, choice: int) -> None:
        self.spans.append((self.topics[choice % len(self.topics)], len(self.messages) + 1))

    def sent(self, seq: int) -> None:
        topic = self.messages[-1] = self.spans[-1][0]
        for one in self.listeners.values():
            if one.subscribed and any(topic.startswith(prefix) for prefix in one.prefixes):
                one.on_the_way.append(seq)

    def do_subscribe(self, choice: int) -> None:
        for one in self._chosen(choice):
            one.subscribed = True

    def do_see(self, choice: int) -> None:
        for one in self._chosen(choice):
            if one.subscribed and one.join is None:
                one.join = len(self.messages)

    def do_deliver(self, choice: int) -> None:
        for one in self._chosen(choice):
            if one.on_the_way:
                one.received.append(one.on_the_way.popleft())

    def do_repeat(self, choice: int) -> None:
        for one in self._chosen(choice):
            one.received += one.received[-1:]

    def do_lose(self, choice: int) -> None:
        for one in self._chosen(choice):
            if one.on_the_way:
                del one.on_the_way[choice % len(one.on_the_way)]

    def _chosen(self, choice: int) -> list[Subscriber]:
        ones = list(self.listeners.values())
        return [ones[choice % len(ones)]] if ones else []


class PushWorld(World):
    """Any listener may get any message, in any order; some messages are lost on the way."""

    ACTS = (*World.ACTS, *["deliver"] * 4, "lose")

    def __init__(self, pulls: int) -> None:
        super().__init__()
        self.received: dict[str, list[int]] = {f"pull-{index}": [] for index in range(1, pulls + 1)}
        self.on_the_way: list[int] = []
        self.lost_on_the_way = 0

    def settle(self) -> None:
        super().settle()
        self.lost_on_the_way += len(self.on_the_way)
        self.on_the_way.clear()

    def sent(self, seq: int) -> None:
        self.on_the_way.append(seq)

    def do_deliver(self, choice: int) -> None:
        if self.on_the_way:
            seq = self.on_the_way.pop(choice % len(self.on_the_way))
            list(self.received.values())[choice % len(self.received)].append(seq)

    def do_lose(self, choice: int) -> None:
        if self.on_the_way:
            self.on_the_way.pop(choice % len(self.on_the_way))
            self.lost_on_the_way += 1


class ReqWorld(World):
    """One request at a time; it may reach the listener any number of times, or never."""

    ACTS = (*World.ACTS, *["deliver"] * 4, *["reply"] * 4, "give_up")

    def __init__(self) -> None:
        super().__init__()
        self.received: list[int] = []

    def settle(self) -> None:
        super().settle()
        self.do_give_up(0)

    def do_accept(self, choice: int) -> None:
        if not self.requests_in_flight:
            super().do_accept(choice)

    def sent(self, seq: int) -> None:
        self.requests_in_flight = 1

    def do_deliver(self, choice: int) -> None:
        if self.requests_in_flight:
            self.received.append(len(self.messages))

    def do_reply(self, choice: int) -> None:
        if self.requests_in_flight:
            self.requests_in_flight = 0
            self.replied += 1

    def do_give_up(self, choice: int) -> None:
        if self.requests_in_flight:
            self.requests_in_flight = 0
            self.request_timeout += 1
