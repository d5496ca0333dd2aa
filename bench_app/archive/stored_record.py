"""The form of a record in the archive's file."""

from __future__ import annotations

import msgspec

from bench_app.archive.former_records import handler_keys, histogram_keys, unit_keys, with_kind, with_seconds
from bench_app.archive.records import RunRecord, Settings
from bench_app.engine.events import RunEvent
from bench_app.engine.result import Outcome, RunResult
from bench_app.engine.unit_key import HistogramKey, UnitKey
from bench_app.measure.histogram_delta import HistogramDelta

RECORD_VERSION = 2


class StoredRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record as it is in the file.

    A record of version 1 has neither a version nor an outcome. Names are the keys of its ``history`` and
    ``histograms``. The results of its handlers have no seconds, and its events have no kind.
    """

    version: int = 1
    settings: Settings
    result: RunResult
    outcome: Outcome | None = None
    events: tuple[RunEvent, ...] = ()
    handlers: tuple[UnitKey, ...] = ()
    history: dict[UnitKey | str, dict[str, bytes]] = {}
    machine: dict[str, bytes] = {}
    histograms: dict[HistogramKey | str, HistogramDelta] = {}

    @classmethod
    def of(cls, record: RunRecord) -> StoredRecord:
        """The record in the current form."""
        return cls(version=RECORD_VERSION, **msgspec.structs.asdict(record))

    def as_record(self, listed: Outcome) -> RunRecord:
        """The record, converted from any version. ``listed`` is its outcome in the list of runs."""
        if self.version < RECORD_VERSION:
            return self._of_version_1(listed)
        return RunRecord(
            settings=self.settings,
            result=self.result,
            outcome=self.outcome or listed,
            events=self.events,
            handlers=self.handlers,
            history={key: series for key, series in self.history.items() if isinstance(key, UnitKey)},
            machine=self.machine,
            histograms={key: delta for key, delta in self.histograms.items() if isinstance(key, HistogramKey)},
        )

    def _of_version_1(self, listed: Outcome) -> RunRecord:
        handlers = handler_keys(self.result, self.settings.preset)
        units = unit_keys(self.result, handlers)
        measures = histogram_keys(units)
        return RunRecord(
            settings=self.settings,
            result=with_seconds(self.result),
            outcome=listed,
            events=tuple(map(with_kind, self.events)),
            handlers=tuple(handlers),
            history={units[name]: series for name, series in self.history.items() if name in units},
            histograms={measures[name]: delta for name, delta in self.histograms.items() if name in measures},
        )
