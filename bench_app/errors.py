"""The tree of errors of the bench. An error is handled where the code can do something about it.

BenchError                  every error that the bench raises on purpose; its text is a message for the user
├── InputError              the user's input is wrong (exit code 2)
│   ├── PresetError         a preset has faults; carries all of them
│   ├── UriError            a zmq:// URI cannot be used
│   ├── CheckError          a check cannot be read
│   └── SourceError         a replay file cannot be read, or has a bad line that is fatal
├── UsageError              a call that the object cannot carry out: a client is not connected, a PUSH cannot read, ...
│   └── ClosedError         the object is closed, or not connected
├── RequestError            a request ended without a reply: not taken, not sent, or aborted
│   └── RequestTimeoutError no reply came in time; has attempts and time
├── SaveError               a preset cannot be written (folder not writable, disk full, ...)
├── ArchiveError            the archive of runs cannot be read or written
├── SocketSetupError        a socket cannot be bound or connected (address in use, name not resolved, ...)
└── EngineError             the engine itself failed: a worker did not start, no room for its counters, ...
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class BenchError(Exception):
    """An error that the bench can explain; ``str(error)`` is a message for the user."""


class InputError(BenchError):
    """The user's input is wrong."""


class UsageError(BenchError):
    """A call that the object cannot carry out: a client is not connected, a PUSH cannot read."""


class RequestError(BenchError):
    """A request ended without a reply: it was not taken or not sent, or its handler was closed or gave up.

    Attributes:
        request_id: the number of the request; 0 for a request that the handler's queue did not take.
        attempts: how many times the request was sent.
        elapsed_s: how long it was waited for, in seconds.
    """

    def __init__(self, message: str, request_id: int = 0, attempts: int = 0, elapsed_s: float = 0.0) -> None:
        self.request_id = request_id
        self.attempts = attempts
        self.elapsed_s = elapsed_s
        super().__init__(message)


class RequestTimeoutError(RequestError):
    """No reply came in time: within ``request_timeout`` for each attempt, or within the time that the caller gave."""


class ClosedError(UsageError):
    """The object is closed, or not connected, so that it cannot carry out the call."""


class Fault(msgspec.Struct, frozen=True, eq=False):
    """One mistake in a preset.

    Attributes:
        path: the path of the value, such as ``bench.listeners.pub[0].topics``; for text that is not JSON, the place in
            the file, such as ``line 3, column 7``.
        value: the JSON text that was found; "" if there is none.
        expected: what the value should be.
        parts: the keys and indexes of ``path``, so that nobody parses it again; None for a place in the file. Faults
            that differ only in them are equal.
    """

    path: str
    value: str
    expected: str
    parts: tuple[str | int, ...] | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fault) and self._compared == other._compared

    def __hash__(self) -> int:
        return hash(self._compared)

    @property
    def _compared(self) -> tuple[str, str, str]:
        return self.path, self.value, self.expected

    def __str__(self) -> str:
        found = f" (found {self.value})" if self.value else ""
        return f"{self.path}: {self.expected}{found}"


class PresetError(InputError):
    """A preset cannot be used.

    Attributes:
        name: the name of the preset.
        faults: every fault, in the order of the file.
    """

    def __init__(self, name: str, faults: list[Fault]) -> None:
        self.name = name
        self.faults = faults
        many = f"{len(faults)} faults" if len(faults) != 1 else "one fault"
        super().__init__("\n".join([f"{name}: {many}", *(f"  {fault}" for fault in faults)]))


class UriError(InputError):
    """A ``zmq://`` URI or a listener's endpoint cannot be used.

    Attributes:
        uri: the text.
        expected: a description of valid text.
    """

    def __init__(self, uri: str, expected: str) -> None:
        self.uri = uri
        self.expected = expected
        super().__init__(f'"{uri}" cannot be used: expected {expected}')


class CheckError(InputError):
    """A check cannot be read.

    Attributes:
        check: the text of the check.
        column: the column of the mistake, from 1.
        expected: a description of valid text at this column.
    """

    def __init__(self, check: str, column: int, expected: str) -> None:
        self.check = check
        self.column = column
        self.expected = expected
        super().__init__(f'check "{check}", column {column}: expected {expected}')


class SourceError(InputError):
    """A source of events cannot be read.

    Attributes:
        skipped: how many records of it are no events, by the reason.
    """

    def __init__(self, text: str, skipped: Mapping[str, int] | None = None) -> None:
        super().__init__(text)
        self.skipped = dict(skipped or {})


class SaveError(BenchError):
    """A preset cannot be written."""


class ArchiveError(BenchError):
    """The archive of runs cannot be read or written; the message names its file."""


class SocketSetupError(BenchError):
    """A socket could not be set up."""


class EngineError(BenchError):
    """The engine itself failed, not the user's input and not the system under test."""
