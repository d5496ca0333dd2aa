"""The shapes of synthetic events: one maker for each kind, in one registry.

Tracks, line crossings, areas, crops and statistics have the field names of production messages. Alerts, tasks and
service requests have no public sample, so their fields are invented.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from random import Random
from typing import Any

from bench_app.model import EventKind

EPOCH_MS = 1_760_000_000_000
"""Wall-clock time of the first event. It is fixed, so that a seed gives the same bytes on any day."""
FRAME_MS = 40

Maker = Callable[[Random, int], dict[str, Any]]


def _uuid(random: Random) -> str:
    return str(uuid.UUID(int=random.getrandbits(128), version=4))


def _location(random: Random) -> dict[str, float]:
    width, height = random.uniform(0.02, 0.3), random.uniform(0.05, 0.4)
    box = (random.uniform(0, 1 - width), random.uniform(0, 1 - height), width, height)
    return {name: round(value, 4) for name, value in zip(("x", "y", "width", "height"), box, strict=True)}


def _iso(ms: int) -> str:
    seconds, rest = divmod(ms, 1000)
    days, seconds = divmod(seconds, 86_400)
    # 2025-10-09 is day 20,370 of the epoch. A pool is too small to reach the next month.
    hours, seconds = divmod(seconds, 3600)
    return f"2025-10-{days - 20_361:02}T{hours:02}:{seconds // 60:02}:{seconds % 60:02}.{rest:03}Z"


def _object_class(random: Random) -> str:
    return random.choice(("person", "car", "truck", "bicycle", "bus", "dog"))


def _event(schema: str, random: Random, index: int) -> dict[str, Any]:
    at_ms = EPOCH_MS + index * FRAME_MS
    return {
        "schema": f"{schema}-v1",
        "event_id": _uuid(random),
        "event_timestamp_ms": at_ms,
        "instance_id": f"camera-{random.randrange(16):02}",
        "system_datetime": _iso(at_ms),
        "system_timestamp": at_ms,
        "object_class": _object_class(random),
        "ref_tracking_id": _uuid(random),
        "location": _location(random),
    }


def _detection(random: Random, index: int) -> dict[str, Any]:
    return {
        "schema": "detection-v1",
        "timestamp_ms": EPOCH_MS + index * FRAME_MS,
        "instance_id": f"camera-{random.randrange(16):02}",
        "frame": index,
        "object_class": _object_class(random),
        "detection_confidence": round(random.uniform(0.4, 0.99), 3),
        "location": _location(random),
    }


def _track(random: Random, index: int) -> dict[str, Any]:
    return {
        "schema": "track-v1",
        "tracking_id": _uuid(random),
        "object_class": _object_class(random),
        "detection_confidence": round(random.uniform(0.4, 0.99), 3),
        "age_ms": random.randrange(60_000),
        "is_moving": random.random() < 0.7,
        "location": _location(random),
        "events": [],
    }


def _line_crossing(random: Random, index: int) -> dict[str, Any]:
    line = random.randrange(4)
    return {
        **_event("event-line-crossing", random, index),
        "crossing_direction": random.choice(("up", "down")),
        "tripwire_id": f"tripwire-{line}",
        "tripwire_name": ("gate", "entrance", "exit", "loading bay")[line],
    }


def _area(random: Random, index: int) -> dict[str, Any]:
    area = random.randrange(3)
    schema = random.choice(("event-area-enter", "event-area-exit", "event-intrusion"))
    return {
        **_event(schema, random, index),
        "area_id": f"area-{area}",
        "area_name": ("yard", "lobby", "parking")[area],
    }


def _loitering(random: Random, index: int) -> dict[str, Any]:
    return {
        **_event("event-loitering-end", random, index),
        "area_id": "area-0",
        "area_name": "yard",
        "event_duration_ms": random.randrange(10_000, 300_000),
    }


def _crowd(random: Random, index: int) -> dict[str, Any]:
    return {
        **_event("event-crowd-detection", random, index),
        "area_id": "area-1",
        "area_name": "lobby",
        "object_count": random.randrange(5, 60),
    }


def _crop(random: Random, index: int) -> dict[str, Any]:
    return {
        "schema": "crop-v1",
        "ref_event_id": _uuid(random),
        "ref_tracking_id": _uuid(random),
        "confidence": round(random.uniform(0.4, 0.99), 3),
        "image": "",
    }


def _statistics(random: Random, index: int) -> dict[str, Any]:
    return {
        "schema": "statistics-v1",
        "start_time": EPOCH_MS,
        "frames_processed": index * 125,
        "current_framerate": round(random.uniform(20, 25), 2),
        "latency": round(random.uniform(20, 120), 1),
        "input_queue_size": random.randrange(10),
        "dropped_frames_count": random.randrange(3),
    }


def _diagnostics(random: Random, index: int) -> dict[str, Any]:
    return {
        "schema": "diagnostics-v1",
        "instance_id": f"camera-{random.randrange(16):02}",
        "timestamp_ms": EPOCH_MS + index * 5000,
        "cpu_percent": round(random.uniform(5, 95), 1),
        "memory_mb": random.randrange(200, 4000),
        "temperature_c": round(random.uniform(35, 85), 1),
        "status": random.choice(("ok", "ok", "ok", "degraded")),
    }


def _alert(random: Random, index: int) -> dict[str, Any]:
    return {
        "schema": "alert-v1",
        "alert_id": _uuid(random),
        "severity": random.choice(("info", "warning", "critical")),
        "rule": random.choice(("after-hours", "perimeter", "crowding")),
        "event": {"event_id": _uuid(random), "object_class": _object_class(random), "location": _location(random)},
    }


def _task(random: Random, index: int) -> dict[str, Any]:
    return {
        "schema": "task-v1",
        "task_id": _uuid(random),
        "type": random.choice(("classify", "read-plate", "re-identify")),
        "crop_ref": _uuid(random),
        "deadline_ms": EPOCH_MS + index * FRAME_MS + 2000,
    }


def _service_request(random: Random, index: int) -> dict[str, Any]:
    return {
        "request_id": _uuid(random),
        "method": random.choice(("lookup", "verify", "store")),
        "params": {"object_class": _object_class(random), "instance_id": f"camera-{random.randrange(16):02}"},
    }


def _minimal(random: Random, index: int) -> dict[str, Any]:
    return {}


MAKERS: dict[EventKind, Maker] = {
    "detection": _detection,
    "track": _track,
    "line_crossing": _line_crossing,
    "area": _area,
    "loitering": _loitering,
    "crowd": _crowd,
    "crop": _crop,
    "statistics": _statistics,
    "diagnostics": _diagnostics,
    "alert": _alert,
    "task": _task,
    "service_request": _service_request,
    "minimal": _minimal,
}
