"""What the session knows of each worker process: its reports -> **worker state** -> findings, result, machine lane."""

from __future__ import annotations

from dataclasses import dataclass, field

from bench_app.data_plane.choice import PlaneReport
from bench_app.engine.control.messages import WorkerReport
from bench_app.engine.limits import BEAT_NS
from bench_app.measure.clock import NS_PER_S
from bench_app.measure.histogram import Histogram
from bench_app.measure.single_samples import SingleSamples
from bench_app.system.process_usage import ProcessUsage

SATURATED_SHARE = 0.95
"""A thread that had work to do for this share of a second had more work than it could do."""
WAITED_SHARE = 0.1
"""An I/O thread of libzmq that has more work than it can do is a limit of libzmq, and of any program with such sockets.
If its process waits for processors for this share of its work, the machine is the limit, and the bench is too large."""
STARVED_SHARE = 0.5
"""A process with work for a whole processor that waits for this share of it is starved, whichever thread is."""

SAMPLES_PER_REPORT = 3
"""A report of a worker comes for at most so many samples of the session."""
SAMPLES_MISSED = SAMPLES_PER_REPORT + 2
"""A worker stands still after so many samples without a report. A report may be on the way for two samples."""

LEAST_SECOND_NS = NS_PER_S // 4
"""A shorter time at the end of the run is no entry of its own: its shares would say little."""


@dataclass(frozen=True)
class WorkerSecond:
    """About a second of a worker, less at the end of the run.

    Attributes:
        at_ns: its end (``perf_counter_ns``).
        passed_ns: how long it was.
        cpu_ns: processor time.
        run_wait_ns: how long its threads waited for a processor; None where the system does not tell.
        stall_max_ns: the longest time by which a beat was late.
        busiest: the name of the thread that had most to do; "" for a thread of libzmq.
        busiest_share: the share of the second for which it had work; None where the system does not tell.
    """

    at_ns: int
    passed_ns: int
    cpu_ns: int
    run_wait_ns: int | None
    stall_max_ns: int
    busiest: str
    busiest_share: float | None

    @property
    def wanted_ns(self) -> int:
        """Processor time that all threads together had work for."""
        return self.cpu_ns + (self.run_wait_ns or 0)

    @property
    def is_saturated(self) -> bool:
        """Whether a thread had more work than it could do, or the process as a whole got too little of the machine."""
        waited_share = (self.run_wait_ns or 0) / max(1, self.wanted_ns)
        is_thread_busy = (self.busiest_share or 0.0) >= SATURATED_SHARE
        is_starved = self.wanted_ns >= SATURATED_SHARE * self.passed_ns and waited_share >= STARVED_SHARE
        return is_starved or (is_thread_busy and (bool(self.busiest) or waited_share >= WAITED_SHARE))


@dataclass
class WorkerState:
    """One worker process while events are offered.

    Attributes:
        name: its name on the control channel, such as ``worker-1``.
        units: the units that live in it.
        wanted_processor: the processor that it was to be pinned to; None if it was not to be.
        pinning_failure: why it is not pinned there; "" if it is.
        plane: its data plane; None until it is up.
        stall: how late its beats came. Each stall counts once for each beat that was due in it.
        seconds: about one entry a second.
        cpu_ns: processor time in these seconds; the same for the other totals.
        rss_bytes: the memory that it held last; None where the system does not tell.
        longest_stall_ns: how late its latest beat came, also while no events were offered.
    """

    name: str
    units: tuple[str, ...]
    wanted_processor: int | None = None
    pinning_failure: str = ""
    plane: PlaneReport | None = None
    stall: Histogram = field(default_factory=Histogram)
    seconds: list[WorkerSecond] = field(default_factory=list)
    usage_before: ProcessUsage | None = None
    cpu_ns: int = 0
    run_wait_ns: int | None = None
    switches_voluntary: int | None = None
    switches_involuntary: int | None = None
    page_faults: int | None = None
    rss_bytes: int | None = None
    longest_stall_ns: int = 0
    _stall_max_ns: int = 0
    _fresh_stall_ns: int | None = None
    """The longest stall in the reports since the last sample; None without a report."""
    _has_reported: bool = False
    _samples_missed: int = 0
    _usage_at_ns: int = 0
    """When ``usage_before`` was read."""

    @property
    def number(self) -> int:
        """The number in its name, for time series."""
        return int(self.name.rpartition("-")[2])

    @property
    def processor(self) -> int | None:
        """The processor that it is pinned to; None if it is not pinned."""
        return None if self.pinning_failure else self.wanted_processor

    def take(self, report: WorkerReport, is_offering: bool) -> None:
        """Take over the values of a report. They count if events were being offered."""
        self._fresh_stall_ns = max(self._fresh_stall_ns or 0, report.stall.max_ns)
        self.longest_stall_ns = max(self.longest_stall_ns, report.stall.max_ns)
        if is_offering:
            self.stall.merge(report.stall)
            self._stall_max_ns = max(self._stall_max_ns, report.stall.max_ns)
        if report.usage is None:
            return
        before, self.usage_before = self.usage_before, report.usage
        since_ns, self._usage_at_ns = self._usage_at_ns, report.at_ns
        if is_offering and before is not None:
            self._add_usage(before, report.usage)
            if report.at_ns - since_ns >= LEAST_SECOND_NS:
                self._add_second(report, report.at_ns - since_ns, before, report.usage)
        self._stall_max_ns = 0

    def note_stall(self, stall_ns: int) -> None:
        """Count a stall that no report has as it was: with the time that was left at each beat that was due in it."""
        if stall_ns > BEAT_NS:
            samples = SingleSamples()
            for left_ns in reversed(range(stall_ns, 0, -BEAT_NS)):
                samples.add(left_ns)
            self.stall.merge(samples.as_delta())

    def sample_stall_ns(self, sample_ns: int) -> float:
        """The longest stall since the last sample with a report; NaN without one. A sample comes each ``sample_ns``.

        A worker that stands still sends no report. So after :data:`SAMPLES_MISSED` samples without one, the stall has
        lasted since the report that was due. Samples are counted here, and not time, because a session that lags reads
        reports and takes samples late alike.
        """
        fresh_ns, self._fresh_stall_ns = self._fresh_stall_ns, None
        if fresh_ns is not None:
            self._has_reported, self._samples_missed = True, 0
            return float(fresh_ns)
        self._samples_missed += 1
        is_still = self._has_reported and self._samples_missed >= SAMPLES_MISSED
        return float((self._samples_missed - SAMPLES_PER_REPORT) * sample_ns) if is_still else float("nan")

    def _add_second(self, report: WorkerReport, passed_ns: int, before: ProcessUsage, now: ProcessUsage) -> None:
        self.seconds.append(
            WorkerSecond(
                at_ns=report.at_ns,
                passed_ns=passed_ns,
                cpu_ns=now.cpu_ns - before.cpu_ns,
                run_wait_ns=_gain(before.run_wait_ns, now.run_wait_ns),
                stall_max_ns=self._stall_max_ns,
                busiest="" if report.busiest is None else report.busiest.name,
                busiest_share=None if report.busiest is None else report.busiest.share,
            )
        )

    def _add_usage(self, before: ProcessUsage, now: ProcessUsage) -> None:
        self.cpu_ns += now.cpu_ns - before.cpu_ns
        self.run_wait_ns = _sum(self.run_wait_ns, _gain(before.run_wait_ns, now.run_wait_ns))
        self.switches_voluntary = _sum(
            self.switches_voluntary, _gain(before.switches_voluntary, now.switches_voluntary)
        )
        self.switches_involuntary = _sum(
            self.switches_involuntary, _gain(before.switches_involuntary, now.switches_involuntary)
        )
        self.page_faults = _sum(self.page_faults, _gain(before.page_faults, now.page_faults))
        self.rss_bytes = now.rss_bytes


def _gain(before: int | None, now: int | None) -> int | None:
    # A total of threads falls when a thread ends.
    return None if before is None or now is None else max(0, now - before)


def _sum(total: int | None, gain: int | None) -> int | None:
    return total if gain is None else (total or 0) + gain
