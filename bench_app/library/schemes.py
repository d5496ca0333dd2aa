"""Which handler a uri makes: the scheme before ``://`` -> a factory -> a handler.

``zmq`` is built in. A package adds a scheme by an entry point in the group ``zmq_bench.schemes``; the name of the entry
point is the scheme. A program adds a scheme with :func:`register`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, cast

from bench_app.errors import InputError, RequestError
from bench_app.library.encoding import OnUnencodable
from bench_app.library.losses import Loss
from bench_app.library.message import Message
from bench_app.library.output_handler import HandlerState, OutputHandler

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "zmq_bench.schemes"
_log = logging.getLogger("zmq_bench.output")


class Handler(Protocol):
    """The methods that handlers of every scheme have. A ``zmq://`` handler is a :class:`bench_app.OutputHandler`.

    Attributes:
        name: the name of the handler.
        sink: the sink whose events the handler gets.
    """

    name: str
    sink: str

    def write(self, event: Any, dynamic_path: str = "") -> bool:
        """Offer an event without waiting; False if it is lost already."""
        ...

    def flush(self, timeout_s: float | None = None) -> bool:
        """Wait until nothing is queued; False if that takes longer."""
        ...

    def stop(self) -> None:
        """Take no more events."""
        ...

    def close(self) -> None:
        """Stop, and wait until the handler has ended."""
        ...


Factory = Callable[[str, str, str, Mapping[str, Any], Mapping[str, Any]], Handler]
"""Makes a handler from name, uri, sink, config and the keys that a preset has under ``bench.handlers``."""


def make_zmq_handler(
    name: str,
    uri: str,
    sink: str,
    config: Mapping[str, Any],
    bench: Mapping[str, Any],
    *,
    on_connection: Callable[[HandlerState, str], None] | None = None,
    on_reply: Callable[[Any], None] | None = None,
    on_reply_message: Callable[[Message], None] | None = None,
    on_timeout: Callable[[RequestError], None] | None = None,
    on_loss: Callable[[Loss], None] | None = None,
    on_unencodable: OnUnencodable = "refuse",
) -> OutputHandler:
    """A ``zmq://`` handler; raises :class:`PresetError` with all faults, or :class:`SocketSetupError`.

    As in production, an unknown key is no fault: it is logged, and added to the handler's ``notes``.
    """
    # Imported with the first handler: the checks of a preset are a fifth of what the library loads.
    from bench_app.preset import documents
    from bench_app.preset.defaults import handler_bench

    entry = {"uri": uri, "sink": sink, "config": dict(config)}
    section = {"version": 1, "handlers": {name: dict(bench)}}
    document = documents.parse({"output": {"handlers": {name: entry}}, "bench": section}, name)
    for note in document.notes:
        _log.warning("%s: %s", name, note, extra={"unit": name, "event": "note"})
    preset = document.preset
    spec, added = preset.output.handlers[name], handler_bench(preset, name)
    return OutputHandler(
        name,
        spec,
        bench=added,
        on_connection=on_connection,
        on_reply=on_reply,
        on_reply_message=on_reply_message,
        on_timeout=on_timeout,
        on_loss=on_loss,
        on_unencodable=on_unencodable,
        notes=[str(note) for note in document.notes],
    )


class SchemeRegistry:
    """The factories by scheme. A registered factory replaces the factory of an installed package's entry point."""

    def __init__(self, factories: Mapping[str, Factory]) -> None:
        self._factories = dict(factories)

    def register(self, scheme: str, factory: Factory) -> None:
        """Add a scheme, or replace its factory."""
        self._factories[scheme] = factory

    def unregister(self, scheme: str) -> None:
        """Remove a scheme; it may still be offered by an entry point."""
        self._factories.pop(scheme, None)

    def factory_for(self, uri: str) -> Factory:
        """The factory of a uri's scheme; raises :class:`InputError`, which names the known schemes."""
        scheme, separator, _ = uri.partition("://") if isinstance(uri, str) else ("", "", "")
        if separator and scheme in self._factories:
            return self._factories[scheme]
        # Imported for another scheme alone: it loads 30 modules, such as those for email and zip files.
        from importlib.metadata import entry_points

        offered = {entry.name: entry for entry in entry_points(group=GROUP)}
        if separator and scheme in offered:
            self._factories[scheme] = _load(offered[scheme])
            return self._factories[scheme]
        known = ", ".join(f"{name}://" for name in sorted({*self._factories, *offered}))
        raise InputError(f'"{uri}" cannot be used: expected a uri that begins with {known}')


_PROCESS_WIDE = SchemeRegistry({"zmq": make_zmq_handler})
"""The registry is process-wide, because a uri in a production file names only its scheme: a scheme that a program
registers must be known to every Output that reads a file."""


def register(scheme: str, factory: Factory) -> None:
    """Add a scheme for every Output of this process, or replace its factory."""
    _PROCESS_WIDE.register(scheme, factory)


def unregister(scheme: str) -> None:
    """Remove a scheme; it may still be offered by an entry point."""
    _PROCESS_WIDE.unregister(scheme)


def factory_for(uri: str) -> Factory:
    """The factory of a uri's scheme; raises :class:`InputError`, which names the known schemes."""
    return _PROCESS_WIDE.factory_for(uri)


def _load(entry: EntryPoint) -> Factory:
    try:
        return cast(Factory, entry.load())
    except (ImportError, AttributeError) as error:
        raise InputError(
            f"the scheme {entry.name}:// comes from {entry.value}, which cannot be used: {error}"
        ) from error
