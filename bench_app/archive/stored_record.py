"""The form that a record has in the file."""

from __future__ import annotations

import msgspec

from bench_app.archive.former_records import handler_keys, histogram_keys, unit_keys, with_kind, with_seconds
from bench_app.archive.records import RunRecord, Settings
from bench_app.engine.events import RunEvent
from bench_app.engine.result import Outcome, RunResult
from bench_app.engine.unit_key import HistogramKey, UnitKey
from bench_app.measure.histogram import HistogramDelta

RECORD_VERSION = 2


class StoredRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record as it is in the file.

    Records of version 1 do not say their version, nor their outcome. Their ``history`` and ``histograms`` have names as
    keys, their handlers' results have no seconds, and their events no kind.
    """

    version: int = 1
    settings: Settings
    result: RunResult
    outcome: Outcome | None = None
    events: tuple[RunEvent, ...] = ()
    handlers: tuple[UnitKey, ...] = ()
    history: dict[UnitKey | str, dict[str, bytes]] = {}
    histograms: dict[HistogramKey | str, HistogramDelta] = {}

    @classmethod
    def of(cls, record: RunRecord) -> StoredRecord:
        """The record in the current form."""
        return cls(version=RECORD_VERSION, **msgspec.structs.asdict(record))

    def as_record(self, listed: Outcome) -> RunRecord:
        """The record as it is used, of whatever version it is. ``listed`` is its outcome in the list of runs."""
        if self.version < RECORD_VERSION:
            return self._of_version_1(listed)
        return RunRecord(
            settings=self.settings,
            result=self.result,
            outcome=self.outcome or listed,
            events=self.events,
            handlers=self.handlers,
            history={key: series for key, series in self.history.items() if isinstance(key, UnitKey)},
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
