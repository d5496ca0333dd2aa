"""Types of the numpy arrays that hold measurements."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
"""Seconds, rates and quantiles; NaN where a value is unknown."""
Bools = npt.NDArray[np.bool_]
"""A property of each row."""
Int64s = npt.NDArray[np.int64]
"""Times in ns, bucket indexes and counts."""
