"""Texts of formats, checked by other parsers."""

from __future__ import annotations

import ipaddress
import re
import uuid
from datetime import date, datetime, time
from random import Random

import pytest

from bench_app.sources.schema_formats import FORMATS

PARSERS = {
    "date-time": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "ipv4": ipaddress.IPv4Address,
    "ipv6": ipaddress.IPv6Address,
    "uuid": uuid.UUID,
    "regex": re.compile,
}


@pytest.mark.parametrize("name", FORMATS)
def test_texts_are_of_their_format_and_differ(name: str) -> None:
    texts = [FORMATS[name](Random(seed)) for seed in range(50)]
    assert len(set(texts)) > 10
    if name in PARSERS:
        for text in texts:
            PARSERS[name](text)  # type: ignore[operator]
