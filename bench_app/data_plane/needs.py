"""What a compiled sender asks Python for: flags of :meth:`bench_app.data_plane.sending.Sender.answer_needs`."""

from __future__ import annotations

DUES = 1
"""Few due times are left of those that it was given."""
EVENTS = 2
"""Few events of a file are left."""
UNDERRUN = 4
"""An event is due, and there is none."""
IDLE = 8
"""It drains, and the last event is sent and answered."""
FAILED = 16
"""libzmq reported an error."""
