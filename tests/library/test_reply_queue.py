"""Replies that wait to be read."""

from __future__ import annotations

import threading
import time

import pytest

from bench_app.errors import RequestTimeoutError
from bench_app.library.message import Message
from bench_app.library.reply_queue import ReplyQueue


def reply(number: int) -> Message:
    return Message("", number, b"%d" % number)


def never() -> bool:
    return False


@pytest.mark.parametrize(("size", "kept"), [(1, [4]), (3, [2, 3, 4]), (0, [0, 1, 2, 3, 4])])
def test_the_newest_are_kept(size: int, kept: list[int]) -> None:
    replies = ReplyQueue(size)
    for number in range(5):
        replies.put(reply(number))
    assert [message.value for message in replies.waiting()] == kept
    taken = [replies.take(0, never) for _ in kept]
    assert [message and message.value for message in taken] == kept
    assert replies.waiting() == ()


@pytest.mark.parametrize("timeout_s", [0, 0.05])
def test_without_a_reply_take_ends_at_the_timeout(timeout_s: float) -> None:
    began_s = time.monotonic()
    assert ReplyQueue(1).take(timeout_s, never) is None
    assert time.monotonic() - began_s >= timeout_s


def test_a_wait_without_a_limit_ends_when_no_reply_can_come() -> None:
    over = threading.Event()
    timer = threading.Timer(0.05, over.set)
    timer.start()
    assert ReplyQueue(1).take(None, over.is_set) is None
    timer.join()


def test_a_waiting_thread_gets_the_next_reply() -> None:
    replies = ReplyQueue(1)
    timer = threading.Timer(0.05, replies.put, [reply(7)])
    timer.start()
    assert replies.take(10, never) == reply(7)
    timer.join()


def test_a_waiting_reply_is_taken_even_if_no_more_can_come() -> None:
    replies = ReplyQueue(1)
    replies.put(reply(1))
    assert replies.take(None, lambda: True) == reply(1)
    assert replies.take(None, lambda: True) is None


def test_a_failure_is_raised_when_it_is_its_turn() -> None:
    replies = ReplyQueue(0)
    for item in (reply(1), RequestTimeoutError("no reply", 2), reply(3)):
        replies.put(item)
    assert replies.waiting() == (reply(1), reply(3))
    assert replies.take(0, never) == reply(1)
    with pytest.raises(RequestTimeoutError, match="no reply"):
        replies.take(0, never)
    assert replies.take(0, never) == reply(3)
