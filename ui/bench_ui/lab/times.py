"""Estimates of time as text: seconds -> **times** -> forms, progress. Pure."""

from __future__ import annotations


def about(seconds: float) -> str:
    """An estimate: ``about 40 s``, ``about 4 min``, ``about 2.5 h``."""
    if seconds >= 5400:
        return f"about {seconds / 3600:,.1f} h"
    if seconds >= 90:
        return f"about {seconds / 60:,.0f} min"
    return f"about {max(1, round(seconds)):,} s"
