"""Sources of events: **source** -> sink -> handler queue. The registry of their kinds stands in :mod:`.feed`."""

from __future__ import annotations

from bench_app.sources.feed import Feed, open_feed
from bench_app.sources.synthetic import event_for_sink

__all__ = ["Feed", "event_for_sink", "open_feed"]
