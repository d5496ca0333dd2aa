"""A worker's reports on itself: **heartbeat, usage** -> session. Whether the process ran, not what its units did."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from bench_app.engine.control.client import ControlClient
from bench_app.engine.control.messages import BusiestThread, WorkerReport
from bench_app.engine.worker.heartbeat import Heartbeat
from bench_app.measure.clock import NS_PER_MS, NS_PER_S
from bench_app.system.process_usage import ThreadTime, process_usage, thread_times
from bench_app.system.thread_name import name_this_thread

REPORT_NS = 500 * NS_PER_MS
"""Reports each 0.2 s would cost an idle worker a tenth more of its watching."""
USAGE_NS = NS_PER_S
"""Usage costs a system call for each thread, so it is read less often than beats are reported."""
THREAD_NAME = "heartbeat"

_clock = time.perf_counter_ns


class WorkerReports:
    """Sends the reports of one worker process, from a thread of its own that beats between them.

    The thread of the orders sleeps meanwhile: to wake it for each report costs half as much as the beats do.

    ``control`` is closed with the last report. ``spun_ns`` returns for how long each thread has spun without a message,
    by the number of the thread.

    Attributes:
        heartbeat: it beats in the thread of the reports.
    """

    def __init__(
        self,
        worker: str,
        control: ControlClient,
        heartbeat: Heartbeat,
        now_ns: int,
        spun_ns: Callable[[], Mapping[int, int]] = dict,
    ) -> None:
        self.heartbeat = heartbeat
        self._worker = worker
        self._control = control
        self._reported_ns = self._usage_read_ns = now_ns
        self._requested_ns: list[int] = []
        self._threads: Mapping[int, ThreadTime] = thread_times()
        self._read_spun_ns = spun_ns
        self._spun_ns = spun_ns()
        self._thread = threading.Thread(target=self._run, name=THREAD_NAME, daemon=True)

    def start(self) -> None:
        """Beat and report until :meth:`end`."""
        self._thread.start()

    def end(self) -> None:
        """Send the last report, with usage. This waits for at most one beat."""
        self.heartbeat.end()
        self._thread.join()

    def request(self, at_ns: int) -> None:
        """Send a report with usage at ``at_ns`` as well, or now if that is past. Any thread may call it."""
        self._requested_ns.append(at_ns)
        self.heartbeat.interrupt()

    def send_if_due(self, now_ns: int) -> None:
        """Send a report if the last one was long enough ago, or if one was requested for now."""
        due = [at_ns for at_ns in self._requested_ns if at_ns <= now_ns]
        for at_ns in due:
            self._requested_ns.remove(at_ns)
        if due:
            self.send(now_ns, with_usage=True)
        elif now_ns >= self._reported_ns + REPORT_NS:
            self.send(now_ns, with_usage=now_ns - self._usage_read_ns >= USAGE_NS)

    def send(self, now_ns: int, with_usage: bool) -> None:
        """Send a report now."""
        since_ns, self._reported_ns = self._reported_ns, now_ns
        stall = self.heartbeat.take()
        if not with_usage:
            self._control.send(WorkerReport(worker=self._worker, since_ns=since_ns, at_ns=now_ns, stall=stall))
            return
        before, self._threads = self._threads, thread_times()
        spun_before_ns, self._spun_ns = self._spun_ns, self._read_spun_ns()
        spun_ns = {thread: total_ns - spun_before_ns.get(thread, 0) for thread, total_ns in self._spun_ns.items()}
        passed_ns, self._usage_read_ns = now_ns - self._usage_read_ns, now_ns
        self._control.send(
            WorkerReport(
                worker=self._worker,
                since_ns=since_ns,
                at_ns=now_ns,
                stall=stall,
                usage=process_usage(self._threads),
                busiest=_busiest(before, self._threads, spun_ns, max(1, passed_ns)),
            )
        )

    def _run(self) -> None:
        name_this_thread(THREAD_NAME)
        while not self.heartbeat.has_ended:
            self.heartbeat.beat_until(min([self._reported_ns + REPORT_NS, *self._requested_ns]))
            self.send_if_due(_clock())
        self.send(_clock(), with_usage=True)
        self._control.close()


def _busiest(
    before: Mapping[int, ThreadTime], now: Mapping[int, ThreadTime], spun_ns: Mapping[int, int], passed_ns: int
) -> BusiestThread | None:
    # A thread that spins wants the processor, but it has nothing to do.
    wanted = {
        thread: max(0, time.wanted_ns - before[thread].wanted_ns - spun_ns.get(thread, 0))
        for thread, time in now.items()
        if thread in before
    }
    if not wanted:
        return None
    thread = max(wanted, key=wanted.__getitem__)
    return BusiestThread(_name_of(thread), round(wanted[thread] / passed_ns, 3))


def _name_of(thread: int) -> str:
    """The name of the unit whose thread it is; "" for a thread of libzmq."""
    return next((one.name for one in threading.enumerate() if one.native_id == thread), "")
