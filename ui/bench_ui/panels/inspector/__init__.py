"""Forms for what is selected: one module per page, and :class:`Inspector`, which shows them as tabs."""

from bench_ui.panels.inspector.inspector import Inspector

__all__ = ["Inspector"]
