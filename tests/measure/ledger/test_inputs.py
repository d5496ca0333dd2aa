"""The number of messages that a listener should get, by its topics."""

from __future__ import annotations

from bench_app.measure.ledger import TopicSpan, expected


def test_topics_match_as_byte_prefixes_from_their_first_message_on() -> None:
    spans = [TopicSpan("analytics", 1), TopicSpan("analyticsX", 11), TopicSpan("é", 11), TopicSpan("other", 16)]
    assert expected(spans, 20, ("analytics",)) == 10
    assert expected(spans, 20, ("analytics", "ana", "o")) == 15
    assert expected(spans, 20, ("",)) == 20
    assert expected(spans, 20, ("è",)) == 0
    assert expected(spans, 20, ()) == 0
    assert expected(spans, 12, ("é",)) == 2
    assert expected([], 20, ("",)) == 0
    assert expected(spans, 0, ("",)) == 0
    assert expected(spans, 17, ("other",)) == 2
