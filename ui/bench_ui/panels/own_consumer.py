"""What a user needs to connect a consumer of their own: document, run -> **own consumer** -> tree, inspector.

No Qt.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from bench_app.engine.session import Session
from bench_app.engine.view import HandlerView
from bench_app.model import PATTERNS, pattern_of
from bench_app.preset.defaults import bench_endpoint, handler_bench, listeners_of
from bench_app.preset.documents import Document

OWN_CONSUMER = "your consumer"
"""The name of a consumer that no listener of the preset counts."""
PROPOSED_RECEIPTS = "tcp://127.0.0.1:5599"
"""The address for receipts where the preset has none yet."""
_SNIPPETS = Path(__file__).parent / "snippets"
_ADDRESSES_IN_FILES = "tcp://127.0.0.1:5572 analytics tcp://127.0.0.1:5599 SUB"
"""The addresses in the files of snippets, which are those of the documentation."""


class Language(Enum):
    """A language that the window has a snippet in. The value is its name."""

    PYTHON = "Python"
    C = "C"
    JAVASCRIPT = "JavaScript"


@dataclass(frozen=True)
class OwnConsumer:
    """A consumer of the user, in place of a listener of the bench.

    Attributes:
        handler: the handler whose messages it receives.
        listener: the listener of the preset that counts its receipts; "" if nothing counts them.
        socket_type: the type of its socket.
        address: where it connects to, or binds.
        binds: whether it binds at ``address``, because the handler connects there.
        topics: what a SUB subscribes to.
        receipts: where it sends its receipts; "" if it sends none.
        connection: what the handler's socket knows of it: how many are connected, and where.
        received: how many messages it has sent receipts of; None where no receipts are counted.
        lost: how many messages are missing so far; None where that is not known.
    """

    handler: str
    listener: str
    socket_type: str
    address: str
    binds: bool
    topics: tuple[str, ...]
    receipts: str = ""
    connection: str = "no run yet"
    received: int | None = None
    lost: int | None = None

    @property
    def received_text(self) -> str:
        """How many messages arrived, as text."""
        if not self.receipts:
            return "not known: it sends no receipts"
        if self.received is None:
            return "no run yet"
        missing = f", {self.lost:,} missing" if self.lost else ""
        return f"{self.received:,} by receipts{missing}"


def own_consumer_of(document: Document, handler: str, listener: str = "") -> OwnConsumer | None:
    """The user's consumer at a handler, or the one that a listener counts; None if it is a listener of the bench."""
    preset = document.preset
    listeners = listeners_of(preset, handler)
    counting = next((one for one in listeners if one.receipts and (one.name == listener or not listener)), None)
    is_uncounted = not handler_bench(preset, handler).paired and not listeners
    if counting is None and not is_uncounted:
        return None
    spec = preset.output.handlers[handler]
    endpoint, binds = bench_endpoint(preset, handler)
    topics = (spec.config.topic,) if counting is None or counting.topics is None else counting.topics
    return OwnConsumer(
        handler=handler,
        listener="" if counting is None else str(counting.name),
        socket_type=PATTERNS[spec.config.socket_type].listener_type,
        address=reachable(str(endpoint)),
        binds=not binds,
        topics=topics if PATTERNS[spec.config.socket_type].sends_topic else (),
        receipts="" if counting is None else str(counting.receipts),
    )


def in_run(consumer: OwnConsumer, view: HandlerView, session: Session | None = None) -> OwnConsumer:
    """The consumer with its real addresses and with what is known of it in a run."""
    found = next((one for one in view.listeners if one.name == consumer.listener), None)
    receipts = consumer.receipts
    if session is not None and consumer.listener and consumer.handler in session.handlers:
        states = session.listeners_of(session.handlers[consumer.handler])
        receipts = next((one.endpoint for one in states if one.plan.name == consumer.listener), "") or receipts
    return replace(
        consumer,
        address=reachable(view.endpoints[0]) if view.endpoints else consumer.address,
        receipts=receipts,
        connection=view.status.message or view.status.label,
        received=None if found is None else found.received,
        lost=None if found is None else found.lost,
    )


def reachable(endpoint: str) -> str:
    """The address at which a program on this machine reaches an endpoint."""
    return endpoint.replace("//*:", "//127.0.0.1:").replace("//0.0.0.0:", "//127.0.0.1:")


def free_receipts(taken: Collection[str | None]) -> str:
    """An address for receipts that is not among the taken ones."""
    host, _, port = PROPOSED_RECEIPTS.rpartition(":")
    return next(one for number in itertools.count(int(port)) if (one := f"{host}:{number}") not in taken)


def snippet(consumer: OwnConsumer, language: Language) -> str:
    """The lines that make a program this consumer, with receipts."""
    receipts = consumer.receipts or PROPOSED_RECEIPTS
    if language is Language.PYTHON:
        return _python(consumer, receipts)
    topic = (consumer.topics[0] if consumer.topics else "") or '""'
    addresses = f"{consumer.address} {topic} {receipts} {consumer.socket_type}{' bind' if consumer.binds else ''}"
    file = _SNIPPETS / ("receipts.c" if language is Language.C else "receipts.mjs")
    return file.read_text(encoding="utf-8").replace(_ADDRESSES_IN_FILES, addresses)


def _python(consumer: OwnConsumer, receipts: str) -> str:
    lines = [
        "import zmq",
        "from bench_app import Receipts",
        "",
        f"socket = zmq.Context().socket(zmq.{consumer.socket_type})",
        *(f"socket.subscribe({topic!r})" for topic in consumer.topics),
        f"socket.{'bind' if consumer.binds else 'connect'}({consumer.address!r})",
        f"with Receipts({receipts!r}) as receipts:",
        "    while True:",
        "        frames = socket.recv_multipart()",
        "        receipts.seen(frames)",
        "        # Here your consumer does its work.",
    ]
    if pattern_of(consumer.socket_type).gets_replies:
        lines.append("        socket.send(b'{}')")
    return "\n".join(lines) + "\n"
