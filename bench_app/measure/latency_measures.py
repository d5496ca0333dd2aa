"""The latencies that units measure, by name: samples -> **latency measures** -> series, histograms, checks, plots."""

from __future__ import annotations

from typing import Literal

Measure = Literal["lateness", "round_trip", "service", "response"]
"""What a unit measures of each message."""

HANDLER_MEASURES: tuple[Measure, ...] = ("lateness", "round_trip")
"""Measured by handlers: due time to actual send; send of a request to its reply."""
LISTENER_MEASURES: tuple[Measure, ...] = ("service", "response")
"""Measured by listeners: actual send to received; due time to received."""
