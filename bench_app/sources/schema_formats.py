"""Random texts of the formats that JSON Schema names: format -> **text** -> event by a schema."""

from __future__ import annotations

import string
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

_BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
_YEAR_S = 365 * 86_400


def _moment(random: Random) -> datetime:
    return _BEGIN + timedelta(milliseconds=random.randrange(_YEAR_S * 1000))


def _word(random: Random) -> str:
    return "".join(random.choices(string.ascii_lowercase, k=random.randint(3, 8)))


def _host(random: Random) -> str:
    return f"{_word(random)}.example"


def _ipv4(random: Random) -> str:
    return f"192.0.2.{random.randint(1, 254)}"


def _ipv6(random: Random) -> str:
    return f"2001:db8::{random.randint(1, 0xFFFF):x}"


FORMATS: dict[str, Callable[[Random], str]] = {
    "date-time": lambda random: _moment(random).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    "date": lambda random: _moment(random).date().isoformat(),
    "time": lambda random: f"{_moment(random):%H:%M:%S}Z",
    "duration": lambda random: f"PT{random.randint(1, 59)}M",
    "email": lambda random: f"{_word(random)}@{_host(random)}",
    "idn-email": lambda random: f"{_word(random)}@{_host(random)}",
    "hostname": _host,
    "idn-hostname": _host,
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "uri": lambda random: f"https://{_host(random)}/{_word(random)}",
    "iri": lambda random: f"https://{_host(random)}/{_word(random)}",
    "uri-reference": lambda random: f"/{_word(random)}",
    "iri-reference": lambda random: f"/{_word(random)}",
    "uri-template": lambda random: f"/{_word(random)}/{{id}}",
    "uuid": lambda random: str(uuid.UUID(int=random.getrandbits(128), version=4)),
    "json-pointer": lambda random: f"/{_word(random)}/{random.randint(0, 9)}",
    "relative-json-pointer": lambda random: f"{random.randint(0, 3)}/{_word(random)}",
    "regex": lambda random: f"^{_word(random)}$",
}
"""Reserved names, addresses and networks only, so that no event names a real host."""
