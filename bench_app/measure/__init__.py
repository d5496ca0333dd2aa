"""Measuring and counting: samples -> histogram; messages -> sequence numbers and counters -> ledger -> plot."""
