from __future__ import annotations

import msgspec

from bench_app.engine.finding import Finding, FindingKind


def test_a_finding_in_json_has_the_keys_of_the_result_format() -> None:
    finding = Finding(FindingKind.WAITING, "h/l", "latency.service.p99_ms", 0.25, "a sentence")
    plain = msgspec.to_builtins(finding)
    assert {name: plain[name] for name in ("kind", "unit", "metric", "share", "message")} == {
        "kind": "waiting",
        "unit": "h/l",
        "metric": "latency.service.p99_ms",
        "share": 0.25,
        "message": "a sentence",
    }
    assert msgspec.convert(plain, Finding) == finding
