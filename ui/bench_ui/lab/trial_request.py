"""What the user wants of a trial: tabs of the lab -> **request** -> laboratory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bench_ui.lab.work_folder import LabWork


@dataclass(frozen=True)
class TrialRequest:
    """Show a trial as a run.

    Attributes:
        work: the work that the trial belongs to.
        place: where its entry is in the journal.
        settings: the values that it had, by their paths.
        name: what the run is called in the list of runs.
    """

    work: LabWork
    place: int
    settings: list[tuple[Any, Any]]
    name: str


@dataclass(frozen=True)
class SettingsRequest:
    """Give the open preset these values, as one step that can be undone; ``text`` names the step."""

    settings: list[tuple[Any, Any]]
    text: str
