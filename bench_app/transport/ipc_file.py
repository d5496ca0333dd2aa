"""The path of an ipc endpoint: bound by one at a time, and gone again with who bound it.

libzmq unlinks whatever is at a path before it binds there, so that two who look at the same moment whether somebody
listens would both go on; and it leaves the file behind when it closes.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench_app.errors import SocketSetupError

LOCK_SUFFIX = ".lock"
LOCK_LIMIT_S = 5.0
_LOOK_S = 0.005
_PREFIX = "ipc://"
_TAKEN = -1


def path_of(endpoint: str) -> str | None:
    """The file of an ipc endpoint; None for other transports, abstract names (the system gives those to one only) and
    the wildcard, whose file libzmq makes, and removes, itself."""
    path = endpoint.removeprefix(_PREFIX)
    return path if endpoint.startswith(_PREFIX) and path and path != "*" and not path.startswith("@") else None


@dataclass(frozen=True)
class BoundFile:
    """The file a socket was bound at. Two of the same path differ."""

    path: str
    identity: tuple[int, int, int]

    @classmethod
    def at(cls, endpoint: str) -> BoundFile | None:
        """The file of an endpoint just bound; None where it has none."""
        path = path_of(endpoint)
        identity = None if path is None else _identity(path)
        return None if path is None or identity is None else cls(path, identity)

    def remove(self) -> None:
        """Remove it, unless its path is somebody else's by now. To be called while the socket is still open: as long as
        it listens, nobody can take the path over in between."""
        if _identity(self.path) == self.identity:
            with contextlib.suppress(OSError):
                Path(self.path).unlink()


def _identity(path: str) -> tuple[int, int, int] | None:
    try:
        status = Path(path).lstat()
    except (OSError, ValueError):
        return None
    # A file system gives the number of a file just removed to the next one.
    return status.st_dev, status.st_ino, status.st_mtime_ns


@contextlib.contextmanager
def one_at_a_time(endpoint: str, limit_s: float = LOCK_LIMIT_S) -> Iterator[None]:
    """While one is in here nobody else of the bench, in whatever process, is in here for the same path.

    Raises SocketSetupError where another stays in for ``limit_s``. Where there can be no lock (no such folder, no right
    to write there) it goes on without: then binding cannot succeed either.
    """
    path = path_of(endpoint)
    lock = None if path is None else _take(path + LOCK_SUFFIX, limit_s)
    if path is not None and lock == _TAKEN:
        raise SocketSetupError(f"cannot bind {endpoint}: another process has been binding it for {limit_s:g} s")
    try:
        yield
    finally:
        if path is not None and lock is not None:
            # Removed while it is held: who waits for it sees that, and makes a new one.
            with contextlib.suppress(OSError):
                Path(path + LOCK_SUFFIX).unlink()
            os.close(lock)


def _take(path: str, limit_s: float) -> int | None:
    """The descriptor of a lock file now held; None where there can be none, _TAKEN where it stays another's."""
    try:
        import fcntl
    except ImportError:
        return None
    give_up_at = time.monotonic() + limit_s
    while True:
        try:
            lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        except (OSError, ValueError):
            return None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(lock)
            if not isinstance(error, BlockingIOError):
                return None
            if time.monotonic() >= give_up_at:
                return _TAKEN
            time.sleep(_LOOK_S)
            continue
        if _leads_to(path, lock):
            return lock
        os.close(lock)


def _leads_to(path: str, descriptor: int) -> bool:
    try:
        return os.path.samestat(Path(path).stat(), os.fstat(descriptor))
    except OSError:
        return False
