"""The file of an ipc endpoint: only one process at a time binds it, and it is removed when its socket is closed.

libzmq unlinks whatever is at a path before it binds there, and it leaves the file behind when it closes. Two processes
that check a path at the same moment would both find it free, so checking and binding happen under a lock.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bench_app.errors import SocketSetupError
from bench_app.transport.endpoint_parts import ipc_path

LOCK_SUFFIX = ".lock"
LOCK_LIMIT_S = 5.0
_RETRY_S = 0.005
_HELD_BY_ANOTHER = -1


def path_of(endpoint: str) -> str | None:
    """The file of an ipc endpoint; None if there is no file that the bench has to lock and remove.

    There is none for other transports and for abstract names (the system gives each name to one socket only). The file
    of the wildcard is made and removed by libzmq itself.
    """
    path = ipc_path(endpoint)
    return path if path and path != "*" and not path.startswith("@") else None


class BoundFile(msgspec.Struct, frozen=True):
    """The file of a bound socket. ``identity`` distinguishes it from a later file at the same path."""

    path: str
    identity: tuple[int, int, int]

    @classmethod
    def at(cls, endpoint: str) -> BoundFile | None:
        """The file of an endpoint just bound; None if the endpoint has no file."""
        path = path_of(endpoint)
        identity = None if path is None else _identity(path)
        return None if path is None or identity is None else cls(path, identity)

    def remove(self) -> None:
        """Remove the file, unless another file is at its path by now.

        Call it while the socket is still open: as long as the socket listens, no other socket of the bench takes the
        path over between the comparison and the removal.
        """
        if _identity(self.path) == self.identity:
            with contextlib.suppress(OSError):
                Path(self.path).unlink()


def _identity(path: str) -> tuple[int, int, int] | None:
    try:
        status = Path(path).lstat()
    except (OSError, ValueError):
        return None
    # The inode alone is not enough: a file system gives the number of a removed file to the next file.
    return status.st_dev, status.st_ino, status.st_mtime_ns


@contextlib.contextmanager
def bind_lock(endpoint: str, limit_s: float = LOCK_LIMIT_S) -> Iterator[None]:
    """Hold the lock of an ipc path, so that no other process of the bench binds there meanwhile.

    Raises SocketSetupError if another process holds the lock for ``limit_s``. If no lock can be made (the folder does
    not exist, or is not writable), the block runs without a lock: a bind cannot succeed there either.
    """
    path = path_of(endpoint)
    lock = None if path is None else _take(path + LOCK_SUFFIX, limit_s)
    if path is not None and lock == _HELD_BY_ANOTHER:
        raise SocketSetupError(f"cannot bind {endpoint}: another process has been binding it for {limit_s:g} s")
    try:
        yield
    finally:
        if path is not None and lock is not None:
            # Remove the file while the lock is held: a waiting process then sees that it has locked a removed file, and
            # makes a new one.
            with contextlib.suppress(OSError):
                Path(path + LOCK_SUFFIX).unlink()
            os.close(lock)


def _take(path: str, limit_s: float) -> int | None:
    """The descriptor of the locked file; None if no lock can be made, _HELD_BY_ANOTHER after ``limit_s``."""
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
                return _HELD_BY_ANOTHER
            time.sleep(_RETRY_S)
            continue
        if _is_file_at(path, lock):
            return lock
        os.close(lock)


def _is_file_at(path: str, descriptor: int) -> bool:
    try:
        return os.path.samestat(Path(path).stat(), os.fstat(descriptor))
    except OSError:
        return False
