"""Sources of events: **source** -> sink -> handler queue. :mod:`.open_feed` has the registry of the kinds of source."""
