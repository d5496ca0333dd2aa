"""The base class of all specs, and the types of values that several specs share."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

INT32_MAX = 2**31 - 1

Count = Annotated[int, Meta(ge=0, le=INT32_MAX)]
Timeout = Annotated[int, Meta(ge=-1, le=INT32_MAX)]
Rate = Annotated[float, Meta(gt=0, le=10_000_000)]
RateOrZero = Annotated[float, Meta(ge=0, le=10_000_000)]
Seconds = Annotated[float, Meta(gt=0, le=2_592_000)]
SecondsOrZero = Annotated[float, Meta(ge=0, le=2_592_000)]
Milliseconds = Annotated[float, Meta(ge=0, le=3_600_000)]
Share = Annotated[float, Meta(ge=0, le=1)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Topic = Annotated[str, Meta(max_length=1024)]


class Spec(msgspec.Struct, frozen=True, kw_only=True):
    """The base of all specs: immutable, keyword-only, compared by value."""
