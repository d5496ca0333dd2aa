"""Notes on a valid preset: keys that have no effect, and parts that will fail in a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bench_app.model import ListenerSpec, Preset
from bench_app.model.json_path import JsonPath, lookup
from bench_app.model.keys import keys_of
from bench_app.model.note import Note
from bench_app.model.validation import Validation, did_you_mean
from bench_app.preset.checks import parse_check
from bench_app.preset.defaults import bench_endpoint, handler_bench, has_own_endpoint, listeners_of
from bench_app.system.processors import allowed_processors
from bench_app.transport.endpoint import Endpoint


def notes(raw: dict[str, Any], preset: Preset, found: Validation) -> list[Note]:
    """A note on every part of a valid preset that has no effect, or will fail in a run."""
    return [
        *_unknown_keys(found),
        *_listener_notes(raw, preset),
        *_enabled_notes(preset),
        *_same_address_notes(preset),
        *_check_notes(preset),
        *_affinity_notes(preset),
    ]


def _unknown_keys(found: Validation) -> Iterator[Note]:
    """Unknown keys in the parts of the file that the bench reads. The other parts belong to other programs.

    A top-level key that resembles ``bench`` is probably a typing error, so it gets a note, too.
    """
    for note in found.notes:
        inside = note.path[0] == "bench" or len(note.path) > len(("output", "handlers"))
        misspelt_bench = len(note.path) == 1 and did_you_mean(str(note.path[0]), ["bench"], cutoff=0.75)
        if inside or misspelt_bench:
            yield note


def _listener_notes(raw: dict[str, Any], preset: Preset) -> Iterator[Note]:
    for name, listeners in preset.bench.listeners.items():
        handler = preset.output.handlers[name]
        paired = handler_bench(preset, name).paired
        for index, listener in enumerate(listeners):
            path: JsonPath = ("bench", "listeners", name, index)
            yield from _unused_keys(path, lookup(raw, path, {}), handler.config.socket_type)
            yield from _unused_listener(path, listener, paired)


def _unused_keys(path: JsonPath, given: dict[str, Any], socket_type: str) -> Iterator[Note]:
    for key in keys_of(ListenerSpec):
        if key.name in given and socket_type not in key.info.only_for:
            needed = " or ".join(key.info.only_for)
            yield Note((*path, key.name), f"has no effect on the listener of a {socket_type}, only of a {needed}")


def _unused_listener(path: JsonPath, listener: ListenerSpec, paired: bool) -> Iterator[Note]:
    if not paired and not has_own_endpoint(listener):
        yield Note(path, "does not run, because its handler is not paired and it has no endpoint of its own")


def _enabled_notes(preset: Preset) -> Iterator[Note]:
    if not any(handler.enabled for handler in preset.output.handlers.values()):
        yield Note(("output", "handlers"), "no handler is enabled, so nothing will run")


def _same_address_notes(preset: Preset) -> Iterator[Note]:
    """A note on each handler that binds the address of another handler: it will fail in a run."""
    bound: dict[tuple[str, int | None], dict[str, Endpoint]] = {}
    for name, spec in preset.output.handlers.items():
        if not spec.enabled:
            continue
        endpoint, binds = bench_endpoint(preset, name)
        if not binds or endpoint.wildcard_port or endpoint.transport == "inproc":
            continue
        alike = bound.setdefault((endpoint.transport, endpoint.port), {})
        first = next((other for other, taken in alike.items() if _collide(endpoint, taken)), None)
        if first is not None:
            path = ("output", "handlers", name, "uri")
            yield Note(path, f"{endpoint} is bound by {first} already, so only one of the two will run")
        alike[name] = endpoint


def _collide(one: Endpoint, other: Endpoint) -> bool:
    if one.transport != "tcp" or other.transport != "tcp":
        return one == other
    return one.port == other.port and (one.address == other.address or one.any_interface or other.any_interface)


def _check_notes(preset: Preset) -> Iterator[Note]:
    known = {name: [spec.name or "" for spec in listeners_of(preset, name)] for name in preset.output.handlers}
    for index, text in enumerate(preset.bench.checks):
        handler = parse_check(text, known).handler
        if handler is not None and not preset.output.handlers[handler].enabled:
            text = f"{handler} is not enabled, so nothing is measured and the check will fail"
            yield Note(("bench", "checks", index), text)


def _affinity_notes(preset: Preset) -> Iterator[Note]:
    if preset.bench.cpu_affinity == "off":
        return
    path = ("bench", "cpu_affinity")
    if allowed_processors() is None:
        yield Note(path, "has no effect here: this system pins no process to a processor")
    elif any(one.wait == "spin" for name in preset.output.handlers for one in listeners_of(preset, name)):
        text = "a listener that spins shares its one processor with the I/O thread that brings its messages"
        yield Note(path, text)
