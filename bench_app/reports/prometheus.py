"""A run while it goes on, for Prometheus: session -> **metrics** -> scrapes over HTTP on loopback.

Needs the package ``prometheus-client`` (extra ``prometheus``).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from threading import Event
from typing import TYPE_CHECKING

import numpy as np
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from bench_app.engine.live_ledger import ledger_of
from bench_app.engine.result import RunResult
from bench_app.errors import InputError
from bench_app.measure.bucket_arrays import bucket_bounds
from bench_app.measure.clock import NS_PER_S
from bench_app.measure.histogram import Histogram
from bench_app.measure.loss_causes import LOSS_CAUSES

if TYPE_CHECKING:
    from bench_app.engine.session import Session

LOOPBACK = "127.0.0.1"
BOUNDS_S = tuple(factor * 10.0**power for power in range(-6, 2) for factor in (1, 2, 5))
"""The upper bounds of the buckets: 1 us to 50 s."""
VERDICTS = ("running", "pass", "fail", "invalid")
LAST_SCRAPE_S = 15.0
"""How long the metrics stay after the run, if somebody has scraped them: until the next scrape, at most so long."""


class RunMetrics(Collector):
    """Reads the metrics of a session at each scrape.

    Attributes:
        scrapes: how often the metrics were read.
        final_scrape: set when they were read after the end of the run.
    """

    def __init__(self) -> None:
        self.scrapes = 0
        self.final_scrape = Event()
        self._session: Session | None = None
        self._result: RunResult | None = None

    def follow(self, session: Session) -> None:
        """Read from this session from now on: a repeated run has one after the other."""
        self._session, self._result = session, None
        self.final_scrape.clear()

    def finish(self, result: RunResult) -> None:
        """The run is over: its verdict is known."""
        self._result = result

    def describe(self) -> Iterable[Metric]:
        """No metrics: they are not known before the run."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The metrics as they are now."""
        result = self._result
        verdict = GaugeMetricFamily("zmq_bench_verdict", "1 for the verdict of the run", labels=["verdict"])
        current = "running" if result is None else result.verdict
        for name in VERDICTS:
            verdict.add_metric([name], float(name == current))
        yield verdict
        if self._session is not None:
            yield GaugeMetricFamily("zmq_bench_run_seconds", "seconds of offering so far", self._session.elapsed_s)
            yield from _counters(self._session)
            yield from _latencies(self._session)
        self.scrapes += 1
        if result is not None:
            self.final_scrape.set()


class Exporter:
    """Serves the metrics of one run on loopback. A context."""

    def __init__(self, port: int) -> None:
        """Open the port; 0 lets the system choose one. Raises InputError if it is taken."""
        self._metrics = RunMetrics()
        registry = CollectorRegistry()
        registry.register(self._metrics)
        try:
            self._server, self._thread = start_http_server(port, addr=LOOPBACK, registry=registry)
        except OSError as error:
            raise InputError(f"the metrics cannot be served at {LOOPBACK}:{port}: {error.strerror or error}") from error

    @property
    def url(self) -> str:
        """Where the metrics are."""
        return f"http://{LOOPBACK}:{self._server.server_port}/metrics"

    def follow(self, session: Session) -> None:
        """Serve the metrics of this session."""
        self._metrics.follow(session)

    def finish(self, result: RunResult) -> None:
        """Serve the verdict, too."""
        self._metrics.finish(result)

    def __enter__(self) -> Exporter:
        return self

    def __exit__(self, *exception: object) -> None:
        if exception[0] is None and self._metrics.scrapes:
            self._metrics.final_scrape.wait(LAST_SCRAPE_S)
            # The answer is written after the metrics are read.
            time.sleep(0.1)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _counters(session: Session) -> Iterator[Metric]:
    handlers = list(session.handlers.values())
    listeners = list(session.listeners.values())
    yield _family("offered", "events offered to the handler", ((h.key.name, h.counts.offered) for h in handlers))
    yield _family("accepted", "events taken by the socket", ((h.key.name, h.counts.accepted) for h in handlers))
    yield _family("sent_bytes", "bytes of accepted events", ((h.key.name, h.counts.bytes) for h in handlers))
    lost = CounterMetricFamily("zmq_bench_dropped_events", "events lost, by cause", labels=["handler", "cause"])
    for handler in handlers:
        ledger = ledger_of(handler, session.listeners_of(handler), final=session.phase.name == "DONE")
        for cause in LOSS_CAUSES:
            if cause.concerns(handler.plan.spec.config.socket_type):
                lost.add_metric([handler.key.name, cause.key], ledger.loss(cause))
    yield lost
    received = CounterMetricFamily(
        "zmq_bench_received_events", "distinct messages received", labels=["handler", "listener"]
    )
    for listener in listeners:
        received.add_metric([listener.handler.key.name, listener.plan.name], listener.counts.received)
    yield received


def _family(name: str, text: str, values: Iterable[tuple[str, int]]) -> Metric:
    family = CounterMetricFamily(f"zmq_bench_{name}", text, labels=["handler"])
    for handler, value in values:
        family.add_metric([handler], value)
    return family


def _latencies(session: Session) -> Iterator[Metric]:
    of_handler = HistogramMetricFamily(
        "zmq_bench_handler_latency_seconds", "latencies that the handler measures", labels=["handler", "measure"]
    )
    for handler in list(session.handlers.values()):
        _add(of_handler, [handler.key.name, "lateness"], handler.lateness)
        if handler.plan.pattern.gets_replies:
            _add(of_handler, [handler.key.name, "round_trip"], handler.round_trip)
    yield of_handler
    of_listener = HistogramMetricFamily(
        "zmq_bench_latency_seconds", "latencies that the listener measures", labels=["handler", "listener", "measure"]
    )
    for listener in list(session.listeners.values()):
        unit = [listener.handler.key.name, listener.plan.name]
        _add(of_listener, [*unit, "service"], listener.service)
        _add(of_listener, [*unit, "response"], listener.response)
    yield of_listener


def _add(family: HistogramMetricFamily, labels: list[str], histogram: Histogram) -> None:
    family.add_metric(labels, cumulative_buckets(histogram), sum_value=histogram.sum_ns / NS_PER_S)


def cumulative_buckets(histogram: Histogram) -> list[tuple[str, float]]:
    """How many samples are at most each of :data:`BOUNDS_S`, by the bound as text; the last one is ``+Inf``."""
    indexes, counts = histogram.recorded()
    highest_s = bucket_bounds(indexes)[1] / NS_PER_S if len(indexes) else np.zeros(0)
    below = [(f"{bound:g}", float(counts[highest_s <= bound].sum())) for bound in BOUNDS_S]
    return [*below, ("+Inf", float(counts.sum()))]
