"""The numpy arrays that measurements are kept in."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
"""Seconds, rates and quantiles; NaN where a value is unknown."""
Int64s = npt.NDArray[np.int64]
"""Times in ns, bucket indexes and counts."""
