"""What a comparison of runs finds, by simulation with fixed seeds: made-up runs -> **shares of comparisons**.

``python -m benchmarks.comparison_power`` prints how often A against A shows nothing, how often a planted shift of
5 % is found, the least change that a number of pairs shows (the table of ``bench_app/comparison/detectable.py``), and
how much wider a spread must be to be found. No run is made, so the load of the machine does not matter.
"""

from __future__ import annotations

import argparse

import numpy as np

from bench_app.comparison.comparison import MAIN_LEVEL, MAIN_SPREAD_LEVEL, compare_groups, compare_pairs
from bench_app.comparison.permutation import paired_p_values, paired_spread_p_values
from tests.comparison.made_runs import made_pairs

_SHIFTED = "latency.response.p50_ms"
_POWER = 0.8
_METRICS = 4


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=400, help="comparisons for each figure")
    times = parser.parse_args().times
    for name, compare, of in (("pairs", compare_pairs, times), ("groups", compare_groups, max(20, times // 10))):
        random = np.random.default_rng(1)
        quiet = sum(not compare(*made_pairs(random, 10)).shown for _ in range(of))
        print(f"A against A, 10 {name}: ~ in {100 * quiet / of:.1f} % of {of:,}", flush=True)
        for spread in (0.01, 0.02):
            random = np.random.default_rng(2)
            found = sum(compare(*made_pairs(random, 10, spread, shift=0.05)).metrics[_SHIFTED].shown for _ in range(of))
            print(
                f"a shift of 5 %, 10 {name}, spread {100 * spread:g} %: found in {100 * found / of:.0f} %", flush=True
            )
    for pairs in (7, 8, 9, 10, 12, 15, 20):
        print(f"{pairs} pairs: least change {least_change(pairs, times):.2f} spreads", flush=True)
    for pairs in (10, 15, 20, 30):
        print(f"{pairs} pairs: least ratio of spreads {least_ratio(pairs, times):.1f}", flush=True)


def least_change(pairs: int, times: int) -> float:
    """The least change that is shown in four of five comparisons, in spreads: one of four metrics is shifted."""
    random = np.random.default_rng(3)
    noise = random.normal(size=(times, pairs, _METRICS)) - random.normal(size=(times, pairs, _METRICS))
    for change in np.arange(1.0, 8.0, 0.25):
        noise[:, :, 0] += change
        power = np.mean([paired_p_values(one)[0] <= MAIN_LEVEL for one in noise])
        noise[:, :, 0] -= change
        if power >= _POWER:
            return float(change)
    return float("inf")


def least_ratio(pairs: int, times: int) -> float:
    """How many times wider the spread of one of four metrics must be to be found in four of five comparisons."""
    random = np.random.default_rng(4)
    a, b = random.normal(size=(2, times, pairs, _METRICS))
    for ratio in np.arange(1.5, 12.0, 0.5):
        scale = np.array([ratio, *[1.0] * (_METRICS - 1)])
        power = np.mean(
            [
                paired_spread_p_values(one, other * scale)[0] <= MAIN_SPREAD_LEVEL
                for one, other in zip(a, b, strict=True)
            ]
        )
        if power >= _POWER:
            return float(ratio)
    return float("inf")


if __name__ == "__main__":
    main()
