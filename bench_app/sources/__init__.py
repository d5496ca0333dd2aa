"""Sources of events: **source** -> sink -> handler queue. :mod:`.open_feed` has the registry of the kinds of source."""

from __future__ import annotations

from bench_app.sources.feed import Feed
from bench_app.sources.open_feed import open_feed
from bench_app.sources.synthetic import event_for_sink

__all__ = ["Feed", "event_for_sink", "open_feed"]
