"""The reference of the result format, made from the structs of a result."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import inspect

from bench_app.engine.result import FORMAT, RunResult
from bench_app.model.keys import walk_specs
from bench_reference.markdown import code, prose, table
from bench_reference.meanings import COUNTERS, LATENCIES

MEANINGS: Mapping[str, str] = {
    **COUNTERS,
    **{f"{name}_us": f"{meaning}, in microseconds" for name, meaning in LATENCIES.items()},
    "format": f"always `{FORMAT}`",
    "preset": "name of the preset",
    "started_at": "when offering began, ISO 8601, UTC",
    "duration_s": "how long events were offered, in seconds",
    "verdict": "`pass`, `fail` (a check failed) or `invalid` (the reading cannot be trusted)",
    "reasons": "why the verdict is `fail` or `invalid`; empty for `pass`",
    "notes": "warnings about the run, whatever the verdict: a handler was never connected, arrivals were not counted, "
    "counting stopped with messages outstanding, records were skipped",
    "arrivals_known": "`false` if arrivals were not counted: then `lost` 0 means nothing. Otherwise the key is missing",
    "before_subscribed": "accepted events that went out before the handler saw a subscription",
    "balanced": "whether the ledger's equations hold to the last event",
    "handlers": "by name, enabled handlers only",
    "listeners": "by name",
    "checks": "every check of the preset, in its order",
    "machine": "the machine on which the preset ran",
    "sources": "what became of the records of each source, by the name of the sink",
    "skipped": "how many records were no event, by the reason, see below",
    "clamped": "how many recorded times did not fit their neighbours: the event was due at the time of a neighbour",
    "clock_jumps": "how often the recorded clock was set: the events go on with the distances after the jump",
    "gaps_cut": "how many gaps were longer than `max_gap_s`, and were cut to it",
    "other_sinks": "how many records are events of another sink, by the `sink_field`",
    "not_reached": "how many records were due after the end of the run, or never; `null` if the file was not read to "
    "its end. A run waits up to 0.5 s for this count",
    "ended_early": "whether the file ended, or could not be read on, before the end of the run",
    "workers": "how well each worker process ran while events were offered, by the name of the worker",
    "findings": "what the bench found out about its own reading",
    "advice": "the settings with which the greatest loss would not have happened ([what the adviser "
    "says](../explanation/adviser.md)); `null` if nothing is lost, or if no rule explains it",
    "rule": "why events are lost: `slow_consumer`, `burst`, `queue_overflow`, `send_timeout`, `request_timeout`, "
    "`slow_joiner`, `heartbeat` or `reconnect`",
    "cause": "the counter that has most of these losses",
    "events_lost": "how many events are lost for this reason",
    "is_certain": "whether the loss follows from the settings alone, and from no measured speed",
    "why": "the reason with its sum, as a sentence",
    "caveat": "why the reading is bent, as the advice says first; empty if it is sound",
    "remedy": "what would help, with its alternatives, as a sentence",
    "proposed": "the proposal as a sentence",
    "sum": "the numbers of the sum, by name",
    "proposal": "the settings that would help, by the path in the preset, as `--set` takes them",
    "fidelity_us": "only for a replay of a recording at its recorded times: how far the distance of each send to the "
    "one before was from the recorded distance, in microseconds",
    "run": "the number of the run, as its stamps have it, in hex",
    "number": "the number of the handler, as its stamps have it",
    "start_ns": "the start of the run on the clock of the stamps (`CLOCK_MONOTONIC`), in nanoseconds",
    "start_wall_ns": "the same moment on the wall clock, in nanoseconds since 1970",
    "warmup_s": "how long events were counted and not measured",
    "gui": "for a run in the window only",
    "timeline": "for a preset with a `timeline` only: its steps, in their order",
    "step": "the number of the step, from 1",
    "late_ms": "how long after its time the step came, in milliseconds; `null` if it waited for a key, for a check or "
    "for the end of the run",
    "caption": "its caption, with the figures of that moment",
    "recording": "for a run with `--record` only: what became of the messages that the listeners received",
    "files": "the files of the recording, oldest first",
    "recorded": "how many messages are in the files",
    "not_recorded": "how many messages were received and are not in the files",
    "size_bytes": "the size of the files",
    "reason": "why messages were not recorded; empty if all were",
    "socket_type": "`PUB`, `PUSH` or `REQ`",
    "endpoint": "the address that the handler really used",
    "seconds": "how long the handler took part, in seconds: less than `duration_s` where it joined late or left early",
    "rate": "events per second of offering: accepted events of a handler; messages that a listener received then",
    "received_in_drain": "how many of `received` arrived after the handler had offered its last event; not in `rate`",
    "count": "number of samples: for a listener `received`, less the warm-up, with the messages that another listener "
    "received as well (a note says how many)",
    "mean": "mean in microseconds",
    "p50": "half of the samples took at most this long, in microseconds",
    "p90": "90 % of the samples took at most this long",
    "p99": "99 % of the samples took at most this long",
    "p99_9": "99.9 % of the samples took at most this long",
    "p99_99": "99.99 % of the samples took at most this long",
    "max": "the longest sample",
    "check": "the check as the preset has it",
    "value": "the value that decided the check, the worst in its scope; `null` if nothing was measured",
    "passed": "whether the check holds",
    "frames_per_s": "frames that the window drew per second",
    "loop_lag_p50_ms": "median lateness of the window's event loop, in milliseconds",
    "loop_lag_p99_ms": "99 % of the turns of the event loop were at most this late, in milliseconds",
    "cpus": "processors that the bench may use",
    "python": "version of Python",
    "pyzmq": "version of pyzmq",
    "libzmq": "version of the libzmq of the workers",
    "data_plane": "how the loops of the workers ran: `compiled` or `python` "
    "([the data plane](../explanation/data-plane.md)); `null` if no worker has started",
    "libzmq_path": "file of the libzmq of the workers; `null` if it is not known",
    "cpu_pressure_pct": "part of the time in which a task of the machine waited for a processor",
    "steal_pct": "part of the processor time in which the hypervisor ran something else",
    "throttled_ms": "how long a quota of processor time kept the bench from running",
    "io_threads": "I/O threads of each context of a worker (`bench.io_threads`)",
    "cpu_affinity": "the processors that workers were pinned to (`bench.cpu_affinity`); `null` if they were not pinned",
    "processor": "the processor that the worker was pinned to; `null` if it was not pinned",
    "wait": "how the listener waited for messages: `block`, `poll` or `spin`",
    "units": "the handlers and listeners that lived in the process",
    "cpu_s": "processor time of all threads, in seconds",
    "run_wait_s": "how long its threads were ready to run and waited for a processor, summed over the threads",
    "stall_us": "how late its beats came, which are due every 5 ms; a stall counts for each beat that was due in it",
    "rss_mb": "the physical memory that it held at last",
    "switches_voluntary": "how often a thread gave up its processor to wait for something",
    "switches_involuntary": "how often the system took the processor from a thread",
    "page_faults": "how often it touched memory that was not mapped",
    "per_second": "the same by seconds of the run",
    "at_s": "in seconds since the start of the run: the end of the second of a worker; when the step of the timeline "
    "came, `null` if it did not",
    "stall_max_us": "the longest time by which a beat was late",
    "busiest": "the largest share of the second for which one thread had work to do, from 0 to 1; "
    "spinning without a message is no work",
    "kind": "what was found: `waiting`, `stalled`, `saturated`, `silent`, `source`, `receipts`, `failed`, "
    "`crashed`, `unbalanced`, `window` or `engine`",
    "unit": "the handler, listener or worker that it is about; empty for the whole run",
    "metric": "the affected metric, as a check names it; `null` if all are",
    "share": "the part of the metric's value that the bench can explain, from 0 to 1; `null` if that is not known",
    "message": "the finding as a sentence",
    "invalidates": "whether the run is invalid because of it; otherwise it is a note",
}


def result_keys() -> str:
    """One section for each kind of object in a result."""
    return "\n".join(_section(path, struct) for path, struct in objects())


def objects() -> list[tuple[str, inspect.StructType]]:
    """Each kind of object in a result, with the path of its first place."""
    found: dict[type[msgspec.Struct], tuple[str, inspect.StructType]] = {}
    for path, struct in walk_specs(RunResult):
        found.setdefault(struct.cls, (path, struct))
    return list(found.values())


def _section(path: str, struct: inspect.StructType) -> str:
    rows = [[code(field.encode_name), _format_type(field.type), MEANINGS[field.encode_name]] for field in struct.fields]
    title = code(path) if path else "The result"
    return f"## {title}\n\n{prose(struct.cls.__doc__)}\n\n{table(('key', 'type', 'meaning'), rows)}"


def _format_type(node: inspect.Type) -> str:
    match node:
        case inspect.IntType():
            return "integer"
        case inspect.FloatType():
            return "number"
        case inspect.StrType() | inspect.LiteralType() | inspect.EnumType():
            return "text"
        case inspect.BoolType():
            return "true or false"
        case inspect.NoneType():
            return "null"
        case inspect.DictType() | inspect.StructType():
            return "object"
        case inspect.ListType():
            return "list"
        case inspect.UnionType():
            members = [member for member in node.types if not isinstance(member, inspect.CustomType)]
            return " or ".join(dict.fromkeys(_format_type(member) for member in members))
    return "absent"
