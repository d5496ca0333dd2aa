"""What an owner and its template of workers say to each other: session -> **request, answer** <- template.

Each message is JSON in one packet of a socket pair. A request comes with two descriptors: the worker's standard input,
and where its standard error goes. The answer comes with two: the worker's process, and a pipe that takes its exit code.
"""

from __future__ import annotations

import msgspec

MOST_BYTES = 1 << 18
"""The longest message. It is longer than a packet can be."""
EXIT_CODE = "i"
"""The form of an exit code in the pipe, for :mod:`struct`."""


class ForkWorker(msgspec.Struct, frozen=True):
    """A request: fork a worker in this ``directory``, with this ``environment``."""

    directory: str
    environment: dict[str, str]


class Forked(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer: the number of the worker's process, or the ``error`` for which there is none.

    The first message of a template is an empty answer: it has loaded.
    """

    pid: int = 0
    error: str = ""
