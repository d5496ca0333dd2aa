"""Presets for tests: the configurations of the handlers' specification, a preset with one handler of each kind, and
helpers for faults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench_app.errors import PresetError
from bench_app.preset.documents import parse

# The JSON configurations of the specification of the handlers.
SPECIFICATION = {
    "basic": """
{
  "output": {
    "handlers": {
      "zmq-publisher": {
        "uri": "zmq://tcp://*:5555",
        "sink": "events",
        "enabled": true,
        "config": {
          "socket_type": "PUB",
          "topic": "analytics.events",
          "high_water_mark": 1000
        }
      }
    }
  }
}
""",
    "advanced": """
{
  "output": {
    "handlers": {
      "zmq-analytics": {
        "uri": "zmq://tcp://analytics-server:5555",
        "sink": "events",
        "enabled": true,
        "config": {
          "socket_type": "PUSH",
          "topic": "analytics.detections",
          "high_water_mark": 5000,
          "linger": 1000,
          "send_timeout": 100,
          "reconnect_interval": 5000,
          "max_reconnect_attempts": 10,
          "queue_size": 10000
        }
      }
    }
  }
}
""",
    "multi_pattern": """
{
  "output": {
    "handlers": {
      "zmq-publisher": {
        "uri": "zmq://tcp://*:5555",
        "sink": "events",
        "enabled": true,
        "config": {
          "socket_type": "PUB",
          "topic": "analytics.events",
          "high_water_mark": 1000
        }
      },
      "zmq-worker": {
        "uri": "zmq://tcp://work-queue:5556",
        "sink": "processing_tasks",
        "enabled": true,
        "config": {
          "socket_type": "PUSH",
          "high_water_mark": 5000,
          "send_timeout": 50
        }
      },
      "zmq-request": {
        "uri": "zmq://tcp://service-endpoint:5557",
        "sink": "service_requests",
        "enabled": true,
        "config": {
          "socket_type": "REQ",
          "request_timeout": 5000,
          "retries": 3
        }
      }
    }
  }
}
""",
    "pipeline": """
{
  "output": {
    "handlers": {
      "raw-events": {
        "uri": "zmq://tcp://event-processor:5555",
        "sink": "events",
        "enabled": true,
        "config": {
          "socket_type": "PUSH",
          "high_water_mark": 10000,
          "send_timeout": 50
        }
      },
      "processed-alerts": {
        "uri": "zmq://tcp://*:5556",
        "sink": "alerts",
        "enabled": true,
        "config": {
          "socket_type": "PUB",
          "topic": "alerts.security",
          "high_water_mark": 1000
        }
      }
    }
  }
}
""",
    "edge_to_cloud": """
{
  "output": {
    "handlers": {
      "cloud-uplink": {
        "uri": "zmq://tcp://cloud-gateway:5555",
        "sink": "events",
        "enabled": true,
        "config": {
          "socket_type": "PUSH",
          "high_water_mark": 5000,
          "send_timeout": 1000,
          "reconnect_interval": 10000,
          "max_reconnect_attempts": -1
        }
      }
    }
  }
}
""",
    "multi_consumer": """
{
  "output": {
    "handlers": {
      "analytics-broadcast": {
        "uri": "zmq://tcp://*:5555",
        "sink": "events",
        "enabled": true,
        "config": {
          "socket_type": "PUB",
          "topic": "analytics",
          "high_water_mark": 2000,
          "linger": 5000
        }
      },
      "diagnostics-broadcast": {
        "uri": "zmq://tcp://*:5556",
        "sink": "diagnostics",
        "enabled": true,
        "config": {
          "socket_type": "PUB",
          "topic": "system",
          "high_water_mark": 500
        }
      }
    }
  }
}
""",
}
FRAGMENTS = [
    '{"config": {"socket_type": "PUB", "topic": "analytics.detections", "high_water_mark": 1000}}',
    '{"config": {"socket_type": "PUSH", "high_water_mark": 5000, "send_timeout": 100}}',
    '{"config": {"socket_type": "REQ", "request_timeout": 5000, "retries": 3}}',
]


def pub_preset(**bench: Any) -> dict[str, Any]:
    """A PUB, a PUSH and a REQ handler, and a bench section."""
    return {
        "output": {
            "handlers": {
                "pub": {"uri": "zmq://tcp://*:5555", "config": {"socket_type": "PUB", "topic": "a"}},
                "push": {"uri": "zmq://tcp://work-queue:5556", "sink": "tasks"},
                "req": {"uri": "zmq://ipc:///tmp/a.ipc", "sink": "requests", "config": {"socket_type": "REQ"}},
            }
        },
        "bench": bench,
    }


def faults_of(raw: Any, base_dir: Path | None = None) -> list[tuple[str, str, str]]:
    with pytest.raises(PresetError) as caught:
        parse(raw, "test", base_dir)
    return [(fault.path, fault.value, fault.expected) for fault in caught.value.faults]


def only_fault(raw: Any, base_dir: Path | None = None) -> tuple[str, str, str]:
    faults = faults_of(raw, base_dir)
    assert len(faults) == 1, faults
    return faults[0]


def write(folder: Path, content: str | bytes, name: str = "preset.json") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
