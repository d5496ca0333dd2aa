"""How long something takes that goes on, in words."""

from __future__ import annotations


def format_left(seconds: float) -> str:
    """An estimate of the time that is left."""
    if seconds >= 90:
        return f"about {seconds / 60:,.0f} min left"
    return f"about {max(1, round(seconds)):,} s left"
