"""File descriptors: how many this process may still open. A process without a free descriptor is aborted by libzmq."""

from __future__ import annotations

import sys
from pathlib import Path

if sys.platform != "win32":
    import resource

_OPEN = Path("/proc/self/fd" if sys.platform == "linux" else "/dev/fd")


def shortage(needed: int, in_child: int = 0) -> str | None:
    """Make sure that ``needed`` more descriptors can be opened; raises the soft limit for that if the system allows it.

    ``in_child`` is what a process needs in all that this one starts later, and that has the same limit then. Returns
    None if they can be opened, else a message with the limit. Systems without such a limit have no shortage.
    """
    if sys.platform == "win32":
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(_open_now() + needed, in_child)
    if soft in (resource.RLIM_INFINITY, -1) or wanted <= soft:
        return None
    if hard in (resource.RLIM_INFINITY, -1) or wanted <= hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return None
    return f"too few file descriptors: {wanted:,} are needed, and the limit is {hard:,} (see ulimit -n)"


def _open_now() -> int:
    try:
        # Listing the folder opens one more.
        return len(list(_OPEN.iterdir())) - 1
    except OSError:
        return 0
