from __future__ import annotations

import asyncio
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bench_app.engine.session import Session
from bench_app.errors import InputError
from bench_app.measure.histogram import Histogram
from bench_app.measure.recorder import Recorder
from bench_app.measure.sample_buffer import SampleBuffer
from bench_app.preset import documents
from bench_app.reports.prometheus import Exporter, cumulative_buckets
from tests.comparison.results import result
from tests.runs import preset, run

Scraped = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def scrape(url: str) -> Scraped:
    with urlopen(url, timeout=10) as answer:  # the address is the exporter's own
        text = answer.read().decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def verdict(scraped: Scraped) -> str:
    (name,) = [labels[0][1] for (name, labels), value in scraped.items() if name == "zmq_bench_verdict" and value]
    return name


def test_a_run_is_scraped_while_it_goes_on_and_when_it_is_over() -> None:
    live: list[Scraped] = []
    with Exporter(0) as exporter:

        async def follow(session: Session) -> None:
            exporter.follow(session)
            while not any(handler.counts.offered for handler in session.handlers.values()):
                await asyncio.sleep(0.01)
            live.append(await asyncio.to_thread(scrape, exporter.url))

        made = run(preset(), follow)
        exporter.finish(made.result)
        after = scrape(exporter.url)
    h = made.handler()
    assert verdict(live[0]) == "running" and verdict(after) == made.result.verdict
    assert 0 < live[0]["zmq_bench_offered_total", (("handler", "h"),)] <= h.offered
    assert after["zmq_bench_offered_total", (("handler", "h"),)] == h.offered
    (name,) = h.listeners
    unit = (("handler", "h"), ("listener", name))
    assert after["zmq_bench_received_events_total", unit] == h.listeners[name].received
    assert after["zmq_bench_dropped_events_total", (("cause", "lost"), ("handler", "h"))] == h.lost
    count = after["zmq_bench_latency_seconds_count", (*unit, ("measure", "response"))]
    assert count == h.listeners[name].response_us.count


def test_a_repeated_run_is_running_again() -> None:
    with Exporter(0) as exporter:
        exporter.follow(Session(documents.parse(preset(), "p")))
        exporter.finish(result())
        assert verdict(scrape(exporter.url)) == "pass"
        exporter.follow(Session(documents.parse(preset(), "p")))
        assert verdict(scrape(exporter.url)) == "running"
        exporter.finish(result("fail"))
        assert verdict(scrape(exporter.url)) == "fail"


def test_buckets_are_cumulative() -> None:
    recorded, histogram = SampleBuffer(Recorder()), Histogram()
    for value_ns in (500, 15_000, 15_000, 3_000_000, 90_000_000_000):
        recorded.append(value_ns)
    histogram.merge(recorded.take())
    buckets = dict(cumulative_buckets(histogram))
    assert [buckets[bound] for bound in ("1e-06", "1e-05", "2e-05", "0.005", "50", "+Inf")] == [1, 1, 3, 4, 4, 5]
    assert dict(cumulative_buckets(Histogram()))["+Inf"] == 0


def test_a_port_that_is_taken_is_refused() -> None:
    with Exporter(0) as first:
        port = int(first.url.split(":")[2].split("/")[0])
        with pytest.raises(InputError, match=f"127.0.0.1:{port}"):
            Exporter(port)


def test_nobody_waits_for_a_scrape_if_there_was_none() -> None:
    with Exporter(0) as exporter:
        exporter.finish(result())
