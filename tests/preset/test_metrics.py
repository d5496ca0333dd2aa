"""The metrics that handlers of a socket type, and their listeners, can have."""

from __future__ import annotations

from bench_app.preset.metrics import fits


def test_metrics_belong_to_socket_types() -> None:
    assert fits("replied", "REQ") and not fits("replied", "PUB")
    assert fits("latency.round_trip.p99_ms", "REQ") and not fits("latency.round_trip.p99_ms", "PUSH")
    assert fits("before_join", "PUB") and not fits("before_join", "PUSH")
    assert all(fits("drops", socket_type) for socket_type in ("PUB", "PUSH", "REQ"))
