"""Measuring and counting: samples -> histogram, messages -> sequence set and counters, both -> **ledger** -> plot."""
