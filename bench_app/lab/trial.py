"""One trial of the lab, which is a run like any other: document with changed values -> **run** -> finished run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bench_app.data_plane.choice import AS_INSTALLED, PlaneChoice
from bench_app.engine.run_once import FinishedRun, run_once
from bench_app.engine.session import Session
from bench_app.engine.worker_template import WorkerTemplate
from bench_app.model.json_path import JsonPath
from bench_app.preset import documents
from bench_app.preset.defaults import sources_of
from bench_app.preset.documents import Document
from bench_app.system.signals import CaughtSignals

_TEMPLATE = WorkerTemplate()
"""Forks the workers of all trials of this process, so that each trial starts sooner. It ends with the process."""
Settings = Mapping[str, Any] | Iterable[tuple[str | JsonPath, Any]]
"""Values by their paths, as ``--set PATH=VALUE`` names them: a mapping, or pairs that are set in turn."""


def run_trial(
    document: Document,
    settings: Settings = (),
    *,
    choice: PlaneChoice = AS_INSTALLED,
    caught: CaughtSignals | None = None,
    on_session: Callable[[Session], None] = lambda session: None,
    keep_series: bool = False,
) -> FinishedRun:
    """Run a document once with changed values, to its end; blocks.

    A signal that ``caught`` receives ends the run in the normal order, and a second one ends it at once. Then the run
    says that it was *interrupted*. ``on_session`` gets the session before it runs. ``keep_series``: keep its curves.
    Raises PresetError if the values are not valid together, and EngineError if the engine cannot work.
    """
    tried = with_settings(document, settings)

    async def run() -> FinishedRun:
        session = Session(tried, choice=choice, keep_series=keep_series, template=_TEMPLATE)
        on_session(session)
        return await _run_caught(session, caught)

    return asyncio.run(run())


def with_settings(document: Document, settings: Settings) -> Document:
    """The document with several values set and then checked together. Raises PresetError."""
    pairs = list(settings.items()) if isinstance(settings, Mapping) else list(settings)
    return documents.replace_all(document, pairs) if pairs else document


def rate_settings(document: Document, rate: float) -> list[tuple[JsonPath, Any]]:
    """The values that let every sink of a document offer ``rate`` events a second at equal intervals."""
    return load_settings(document, {"shape": "constant", "rate": rate})


def load_settings(document: Document, load: Mapping[str, Any]) -> list[tuple[JsonPath, Any]]:
    """The values that give every sink of a document one load."""
    return [(("bench", "sources", sink, "load"), dict(load)) for sink in sources_of(document.preset)]


async def _run_caught(session: Session, caught: CaughtSignals | None) -> FinishedRun:
    if caught is None:
        return await run_once(session)
    loop = asyncio.get_running_loop()
    caught.pass_to(lambda: loop.call_soon_threadsafe(_stop, session))
    try:
        return await run_once(session)
    finally:
        caught.pass_to(None)


def _stop(session: Session) -> None:
    session.force_stop() if session.interrupted else session.stop()
