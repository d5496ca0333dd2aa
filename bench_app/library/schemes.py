"""Which handler a uri makes: the scheme before ``://`` -> a factory. ``zmq`` is here, others come by entry point.

A package adds a scheme with an entry point in the group ``zmq_bench.schemes`` whose name is the scheme, or a program
with :func:`register`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Protocol, cast

from bench_app.errors import InputError
from bench_app.library.output_handler import OutputHandler
from bench_app.preset import documents
from bench_app.preset.defaults import handler_bench

GROUP = "zmq_bench.schemes"
_log = logging.getLogger("zmq_bench.output")


class Handler(Protocol):
    """What every handler can do, whatever its scheme."""

    name: str
    sink: str

    def write(self, event: Any, dynamic_path: str = "") -> bool:
        """Offer an event without waiting; False when it is lost already."""
        ...

    def flush(self, timeout_s: float | None = None) -> bool:
        """Wait until nothing is queued; False where that takes longer."""
        ...

    def stop(self) -> None:
        """Take no more events."""
        ...

    def close(self) -> None:
        """Stop, and wait for the end of it."""
        ...


Factory = Callable[[str, str, str, Mapping[str, Any], Mapping[str, Any]], Handler]
"""Makes a handler of a name, a uri, a sink, a config and what the bench adds to it (nothing, as a rule)."""


def make_zmq_handler(
    name: str, uri: str, sink: str, config: Mapping[str, Any], bench: Mapping[str, Any]
) -> OutputHandler:
    """A ``zmq://`` handler; raises :class:`PresetError` with all faults, or :class:`SocketSetupError`.

    Keys that nobody knows are no fault, as in production: they are logged, and in the handler's ``notes``.
    """
    entry = {"uri": uri, "sink": sink, "config": dict(config)}
    section = {"version": 1, "handlers": {name: dict(bench)}}
    document = documents.parse({"output": {"handlers": {name: entry}}, "bench": section}, name)
    for note in document.notes:
        _log.warning("%s: %s", name, note, extra={"unit": name, "event": "note"})
    preset = document.preset
    spec, added = preset.output.handlers[name], handler_bench(preset, name)
    return OutputHandler(name, spec, bench=added, notes=document.notes)


_factories: dict[str, Factory] = {"zmq": make_zmq_handler}


def register(scheme: str, factory: Factory) -> None:
    """Add a scheme, or put another in its place."""
    _factories[scheme] = factory


def factory_for(uri: str) -> Factory:
    """The factory of a uri's scheme; raises :class:`InputError`, naming the schemes there are."""
    scheme, separator, _ = uri.partition("://") if isinstance(uri, str) else ("", "", "")
    if separator and scheme in _factories:
        return _factories[scheme]
    found = {entry.name: entry for entry in entry_points(group=GROUP)}
    if separator and scheme in found:
        _factories[scheme] = _load(found[scheme])
        return _factories[scheme]
    known = ", ".join(f"{name}://" for name in sorted({*_factories, *found}))
    raise InputError(f'"{uri}" cannot be used: expected a uri that begins with {known}')


def _load(entry: EntryPoint) -> Factory:
    try:
        return cast(Factory, entry.load())
    except (ImportError, AttributeError) as error:
        raise InputError(
            f"the scheme {entry.name}:// comes from {entry.value}, which cannot be used: {error}"
        ) from error
