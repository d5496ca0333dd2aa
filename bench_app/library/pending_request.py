"""A request whose caller waits for the reply: REQ handler -> end of a request -> **pending request** -> caller."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

from bench_app.errors import RequestError, RequestTimeoutError
from bench_app.handlers.request_end import RequestEnd, RequestOutcome
from bench_app.library.message import Message, decode

_REASONS = {
    RequestOutcome.NOT_SENT: "the socket did not take the request within send_timeout",
    RequestOutcome.ABORTED: "the handler was closed, or gave up connecting",
    RequestOutcome.WITHDRAWN: "the caller waits no longer",
}


class PendingRequest:
    """A request and its reply, once it has come. Any thread may use it.

    Attributes:
        request_id: the number of the request, as in ``Message.request_id``.
        future: gets the reply, or a :class:`RequestError`. With asyncio, ``asyncio.wrap_future`` makes it awaitable.
    """

    def __init__(self, name: str, request_id: int, withdraw: Callable[[], int]) -> None:
        self.request_id = request_id
        self.future: Future[Message] = Future()
        # From now on ``cancel`` has no effect, so the handler's thread can always set the result.
        self.future.set_running_or_notify_cancel()
        self._name = name
        self._withdraw = withdraw
        self._began_s = time.monotonic()

    def result(self, timeout: float | None = None) -> Message:
        """Wait for the reply. After ``timeout`` seconds the request is withdrawn (None: no limit of its own).

        Raises :class:`RequestTimeoutError` without a reply in time, and :class:`RequestError` for a request that was
        not sent or was aborted.
        """
        try:
            return self.future.result(timeout)
        except TimeoutError:
            return self.late_result()
        except BaseException:
            self.withdraw()
            raise

    def withdraw(self) -> int:
        """Wait no longer: the request is not sent again, and its reply is discarded; returns its attempts so far."""
        return 0 if self.future.done() else self._withdraw()

    def late_result(self) -> Message:
        """The reply if it came just now. Otherwise withdraw the request and raise :class:`RequestTimeoutError`."""
        if self.future.done():
            return self.future.result()
        attempts = self.withdraw()
        raise timeout_error(self._name, self.request_id, attempts, time.monotonic() - self._began_s) from None


class PendingRequests:
    """The requests of one handler whose callers wait, by number."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: dict[int, PendingRequest] = {}

    def add(self, pending: PendingRequest) -> None:
        """Remember a request that the handler's queue took."""
        with self._lock:
            self._pending[pending.request_id] = pending

    def settle(self, name: str, end: RequestEnd) -> bool:
        """Give the caller its reply or its error; False if no caller waits for this request."""
        with self._lock:
            pending = self._pending.pop(request_id_of(end), None)
        if pending is None:
            return False
        if end.outcome is RequestOutcome.REPLIED:
            pending.future.set_result(reply_of(end))
        else:
            pending.future.set_exception(failure_of(name, end))
        return True

    def abort_all(self, name: str) -> None:
        """Let no caller wait for ever, when the handler has ended."""
        with self._lock:
            ids = list(self._pending)
        for request_id in ids:
            self.settle(name, RequestEnd(request_id - 1, RequestOutcome.ABORTED))


def request_id_of(end: RequestEnd) -> int:
    """The number of a request as a program sees it: from 1."""
    return end.number + 1


def reply_of(end: RequestEnd) -> Message:
    """The reply to a request."""
    body = end.frames[-1]
    return Message("", decode(body), body, end.frames, request_id_of(end))


def failure_of(name: str, end: RequestEnd) -> RequestError:
    """Why a request has no reply."""
    request_id, waited_s = request_id_of(end), end.waited_ns / 1e9
    if end.outcome is RequestOutcome.NO_REPLY:
        return timeout_error(name, request_id, end.attempts, waited_s)
    message = f"{name}: request {request_id} got no reply: {_REASONS[end.outcome]}"
    return RequestError(message, request_id, end.attempts, waited_s)


def timeout_error(name: str, request_id: int, attempts: int, elapsed_s: float) -> RequestTimeoutError:
    """The error for a request that got no reply in time."""
    sent = "it was never sent" if attempts == 0 else "1 attempt" if attempts == 1 else f"{attempts} attempts"
    message = f"{name}: request {request_id} got no reply within {elapsed_s:.3f} s ({sent})"
    return RequestTimeoutError(message, request_id, attempts, elapsed_s)
