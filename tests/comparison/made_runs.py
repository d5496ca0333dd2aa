"""Values of runs by metric, made up with a spread as real runs have it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

PARTS = {"p50": 1.0, "p90": 1.3, "p99": 2.5, "p99_9": 6.0, "p99_99": 10.0, "max": 15.0, "mean": 1.2}
"""The figures of a latency, and how much more they differ from run to run than the median does."""
Random = np.random.Generator


def made_pairs(
    random: Random, pairs: int, spread: float = 0.01, shift: float = 0.0, spread_of_b: float = 1.0
) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
    """Runs of both sides in pairs: three latencies, a rate and counters. All drift together from pair to pair.

    One run in fifty is a bad one. ``shift``: by which part more B has in the medians of the latencies.
    """
    drift = 1 + np.cumsum(random.normal(size=pairs)) * spread
    a = [_run(random, drift[pair], spread) for pair in range(pairs)]
    b = [_run(random, drift[pair], spread * spread_of_b) for pair in range(pairs)]
    for run in b:
        for measure in ("service", "response"):
            run[f"latency.{measure}.p50_ms"] *= 1 + shift
    return a, b


def _run(random: Random, drift: float, spread: float) -> dict[str, float]:
    bad = 1 + random.exponential(0.3) if random.random() < 0.02 else 1.0
    values: dict[str, float] = {}
    for measure in ("service", "response", "lateness"):
        own = random.normal()
        for part, factor in PARTS.items():
            noise: npt.NDArray[np.float64] = 0.8 * own + 0.6 * random.normal()
            values[f"latency.{measure}.{part}_ms"] = float((drift + spread * factor * noise) * bad)
    offered = float(10_000 + random.integers(-1, 2))
    values |= dict.fromkeys(("offered", "accepted", "received"), offered)
    values |= {"rate": float(random.normal(1000, 0.5)), "reordered": 0.0, "queue_overflow": 0.0}
    values["drops"] = values["lost"] = float(random.poisson(2) if random.random() < 0.3 else 0)
    return values
