"""Drawing up handlers and listeners: what adding, copying, renaming and removing change in a preset. No widget.

A draft is made from the open document and given to the workbench, which applies it as one step that can be undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from bench_app.preset.defaults import listeners_of
from bench_app.preset.documents import Document

FIRST_PORT = 5555
UNTITLED = {
    "output": {"handlers": {"zmq-publisher": {"uri": "zmq://tcp://127.0.0.1:5555", "config": {"socket_type": "PUB"}}}}
}
"""The preset one begins with."""

Raw = dict[str, Any]


@dataclass(frozen=True)
class DocumentEdit:
    """``change`` alters a copy of the document's JSON in place; ``select`` is the handler to look at afterwards."""

    text: str
    change: Callable[[Raw], None]
    select: str = ""


def handler_names(document: Document) -> list[str]:
    """The names that are taken, also by handlers that are not for ZeroMQ."""
    return list(document.raw["output"]["handlers"])


def add_handler(document: Document, socket_type: str) -> DocumentEdit:
    """One more handler, at a port no other handler has."""
    handlers = document.preset.output.handlers
    name = _free_name(f"zmq-{socket_type.lower()}", handler_names(document))
    taken = " ".join(spec.uri for spec in handlers.values())
    port = next(port for port in range(FIRST_PORT, 65535) if f":{port}" not in taken)
    spec = {"uri": f"zmq://tcp://127.0.0.1:{port}", "config": {"socket_type": socket_type}}

    def change(raw: Raw) -> None:
        raw["output"]["handlers"][name] = spec

    return DocumentEdit(f"add {name}", change, name)


def duplicate(document: Document, name: str) -> DocumentEdit:
    """A handler once more, its listeners too."""
    other = _free_name(name, handler_names(document))

    def change(raw: Raw) -> None:
        for section in _sections(raw):
            if name in section:
                section[other] = deepcopy(section[name])

    return DocumentEdit(f"duplicate {name}", change, other)


def add_listener(document: Document, handler: str) -> DocumentEdit:
    """One more listener of a handler."""
    names = _listener_names(document, handler)
    name = _free_name("listener", names)

    def change(raw: Raw) -> None:
        _written_listeners(raw, handler, names).append({"name": name})

    return DocumentEdit(f"add a listener to {handler}", change)


def enable(names: Iterable[str], enabled: bool) -> DocumentEdit:
    """Take handlers into the next run, or leave them out."""

    def change(raw: Raw) -> None:
        for name in names:
            raw["output"]["handlers"][name]["enabled"] = enabled

    return DocumentEdit("enable" if enabled else "disable", change)


def remove(document: Document, chosen: list[tuple[str, str]]) -> DocumentEdit:
    """Take away what is chosen: (handler, "") or (handler, listener)."""
    handlers = {handler for handler, listener in chosen if not listener}
    listeners = [(handler, listener) for handler, listener in chosen if listener and handler not in handlers]
    names = {handler: _listener_names(document, handler) for handler, _ in listeners}

    def change(raw: Raw) -> None:
        for section in _sections(raw):
            for name in handlers:
                section.pop(name, None)
        for handler, called in names.items():
            gone = {listener for owner, listener in listeners if owner == handler}
            written = _written_listeners(raw, handler, called)
            written[:] = [one for one, name in zip(written, called, strict=False) if name not in gone]
        _drop_unused_sources(raw)

    return DocumentEdit("remove " + ", ".join(listener or handler for handler, listener in chosen), change)


def rename(document: Document, handler: str, listener: str, name: str) -> DocumentEdit:
    """Call a handler, or one of its listeners, something else; the order stays."""
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


def _sections(raw: Raw) -> list[Raw]:
    """All objects of a preset whose keys are names of handlers."""
    bench = raw.get("bench", {})
    return [raw["output"]["handlers"], *(bench[key] for key in ("handlers", "listeners") if key in bench)]


def _listener_names(document: Document, handler: str) -> list[str]:
    return [str(one.name) for one in listeners_of(document.preset, handler)]


def _written_listeners(raw: Raw, handler: str, names: list[str]) -> list[Raw]:
    """The listeners as the JSON has them; those that are there by default are written down."""
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
