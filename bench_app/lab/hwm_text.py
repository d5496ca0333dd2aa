"""A recommended high-water mark in words: result -> **price and proof** -> terminal, report. Pure."""

from __future__ import annotations

from bench_app.capacity.figures import format_seconds
from bench_app.lab.hwm import HwmResult


def price_text(result: HwmResult) -> str:
    """What the marks cost in memory and in age; "" without a recommendation."""
    if not result.recommended:
        return ""
    size = result.memory_bytes
    memory = f"{size / 1e6:,.1f} MB" if size >= 100_000 else f"{size / 1000:,.1f} kB"
    return f"It costs {memory} when all is full, and then the oldest message is {format_seconds(result.oldest_s)} old."


def proof_text(result: HwmResult) -> str:
    """How many runs lost something with the marks, and with half of them; "" without a proof."""
    proof = result.proof
    if proof is None:
        return ""
    half = f"with half of the marks, {proof.half.lost} of {proof.half.runs}"
    return f"Proof: {proof.lost} of {proof.runs} runs lost something; {half}."


def measured_text(result: HwmResult) -> str:
    """What the connection held with the settings of the preset; "" if nothing was measured."""
    if result.capacity is None:
        return ""
    burst = "not measured" if result.burst is None else f"{result.burst:,}"
    return f"Now: capacity {result.capacity:,}, longest burst {burst}."
