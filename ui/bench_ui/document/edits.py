"""Edits of handlers and listeners in a preset: add, copy, rename, remove. No widgets.

Each function makes an edit from a document. The workbench applies it as one undo step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from bench_app.preset import documents
from bench_app.preset.defaults import listeners_of
from bench_app.preset.documents import Document

FIRST_PORT = 5555
UNTITLED = {
    "output": {"handlers": {"zmq-publisher": {"uri": "zmq://tcp://127.0.0.1:5555", "config": {"socket_type": "PUB"}}}}
}
"""The preset that a new document starts with."""

Raw = dict[str, Any]
"""The JSON of a preset, or an object in it."""


@dataclass(frozen=True)
class DocumentEdit:
    """One edit. ``change`` alters a copy of the JSON in place; ``select`` is the handler to select afterwards."""

    text: str
    change: Callable[[Raw], None]
    select: str = ""


def handler_names(document: Document) -> list[str]:
    """The names of all handlers, also of those that are not for ZeroMQ."""
    return list(document.raw["output"]["handlers"])


def add_handler(document: Document, socket_type: str) -> DocumentEdit:
    """Add a handler, at a port that no other handler has."""
    handlers = document.preset.output.handlers
    name = _free_name(f"zmq-{socket_type.lower()}", handler_names(document))
    taken = " ".join(spec.uri for spec in handlers.values())
    port = next(port for port in range(FIRST_PORT, 65535) if f":{port}" not in taken)
    spec = {"uri": f"zmq://tcp://127.0.0.1:{port}", "config": {"socket_type": socket_type}}

    def change(raw: Raw) -> None:
        raw["output"]["handlers"][name] = spec

    return DocumentEdit(f"add {name}", change, name)


def duplicate(document: Document, name: str) -> DocumentEdit:
    """Copy a handler with its listeners."""
    other = _free_name(name, handler_names(document))

    def change(raw: Raw) -> None:
        for section in _sections(raw):
            if name in section:
                section[other] = deepcopy(section[name])

    return DocumentEdit(f"duplicate {name}", change, other)


def add_listener(document: Document, handler: str) -> DocumentEdit:
    """Add a listener to a handler."""
    names = _listener_names(document, handler)
    name = _free_name("listener", names)

    def change(raw: Raw) -> None:
        _written_listeners(raw, handler, names).append({"name": name})

    return DocumentEdit(f"add a listener to {handler}", change)


def count_consumer(document: Document, handler: str, receipts: str) -> DocumentEdit:
    """Count the user's own consumer of a handler by the receipts that it sends to an address."""
    names = _listener_names(document, handler)

    def change(raw: Raw) -> None:
        raw.setdefault("bench", {}).setdefault("handlers", {}).setdefault(handler, {})["paired"] = False
        _written_listeners(raw, handler, names).append({"name": _free_name("my-consumer", names), "receipts": receipts})

    return DocumentEdit(f"count the consumer of {handler}", change)


def enable(names: Iterable[str], enabled: bool) -> DocumentEdit:
    """Take handlers into the next run, or leave them out of it."""

    def change(raw: Raw) -> None:
        for name in names:
            raw["output"]["handlers"][name]["enabled"] = enabled

    return DocumentEdit("enable" if enabled else "disable", change)


def remove(document: Document, units: list[tuple[str, str]]) -> DocumentEdit:
    """Remove units: handlers (handler, "") and listeners (handler, listener)."""
    handlers = {handler for handler, listener in units if not listener}
    listeners = [(handler, listener) for handler, listener in units if listener and handler not in handlers]
    names = {handler: _listener_names(document, handler) for handler, _ in listeners}

    def change(raw: Raw) -> None:
        for section in _sections(raw):
            for name in handlers:
                section.pop(name, None)
        for handler, listener_names in names.items():
            removed = {listener for owner, listener in listeners if owner == handler}
            written = _written_listeners(raw, handler, listener_names)
            written[:] = [spec for spec, name in zip(written, listener_names, strict=False) if name not in removed]
        _drop_unused_sources(raw)

    return DocumentEdit("remove " + ", ".join(listener or handler for handler, listener in units), change)


def rename(document: Document, handler: str, listener: str, name: str) -> DocumentEdit:
    """Rename a listener; if ``listener`` is "", rename the handler. The order stays."""
    names = _listener_names(document, handler)

    def change(raw: Raw) -> None:
        if listener:
            _written_listeners(raw, handler, names)[names.index(listener)]["name"] = name
            return
        for section in _sections(raw):
            if handler in section:
                entries = [(name if key == handler else key, value) for key, value in section.items()]
                section.clear()
                section.update(entries)

    return DocumentEdit(f"rename {listener or handler}", change)


def only_handler(document: Document, name: str) -> Document:
    """The document with only one handler enabled, and without checks, because they may name other handlers."""
    assignments: list[tuple[Any, Any]] = [
        (("output", "handlers", other, "enabled"), other == name) for other in document.preset.output.handlers
    ]
    return documents.replace_all(document, [*assignments, (("bench", "checks"), [])])


def _sections(raw: Raw) -> list[Raw]:
    """All objects of a preset whose keys are names of handlers."""
    bench = raw.get("bench", {})
    return [raw["output"]["handlers"], *(bench[key] for key in ("handlers", "listeners") if key in bench)]


def _listener_names(document: Document, handler: str) -> list[str]:
    return [str(one.name) for one in listeners_of(document.preset, handler)]


def _written_listeners(raw: Raw, handler: str, names: list[str]) -> list[Raw]:
    """The listeners in the JSON. Default listeners, which the JSON does not have, are added to it first."""
    listeners: dict[str, list[Raw]] = raw.setdefault("bench", {}).setdefault("listeners", {})
    return listeners.setdefault(handler, [{} for _ in names])


def _drop_unused_sources(raw: Raw) -> None:
    sinks = {spec.get("sink", "events") for spec in raw["output"]["handlers"].values()}
    sources = raw.get("bench", {}).get("sources", {})
    for sink in [sink for sink in sources if sink not in sinks]:
        del sources[sink]


def _free_name(wanted: str, taken: Iterable[str]) -> str:
    names = set(taken)
    if wanted not in names:
        return wanted
    return next(name for number in range(2, len(names) + 3) if (name := f"{wanted}-{number}") not in names)
