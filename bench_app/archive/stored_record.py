"""The form that a record has in the file, and how records of former versions are read."""

from __future__ import annotations

import msgspec

from bench_app.archive.records import RunRecord
from bench_app.engine.result import HandlerResult, RunResult

RECORD_VERSION = 2
"""2: a handler has its seconds."""


class StoredRecord(RunRecord, frozen=True, kw_only=True):
    """A record as it is in the file. Records of version 1 do not say their version."""

    version: int = 1

    @classmethod
    def of(cls, record: RunRecord) -> StoredRecord:
        """The record in the current form."""
        return cls(version=RECORD_VERSION, **msgspec.structs.asdict(record))

    def as_record(self) -> RunRecord:
        """The record, with what its version did not have."""
        fields = {name: getattr(self, name) for name in RunRecord.__struct_fields__}
        if self.version < 2:
            fields["result"] = _with_seconds(self.result)
        return RunRecord(**fields)


def _with_seconds(result: RunResult) -> RunResult:
    """Version 1 had no seconds. Where the rate is above the mean of the run, the handler took part for less time."""

    def seconds(handler: HandlerResult) -> float:
        if result.duration_s <= 0 or handler.rate <= handler.accepted / result.duration_s + 0.1:
            return result.duration_s
        return round(handler.accepted / handler.rate, 3)

    handlers = {name: msgspec.structs.replace(one, seconds=seconds(one)) for name, one in result.handlers.items()}
    return msgspec.structs.replace(result, handlers=handlers)
