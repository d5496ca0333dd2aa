"""Which fields the inspector's forms show, by socket type and group."""

from __future__ import annotations

HANDLER_FIELDS = ("uri", "sink", "enabled")
_COMMON = ("socket_type", "high_water_mark", "send_timeout", "queue_size", "linger")
_RECONNECTS = ("reconnect_interval", "max_reconnect_attempts")
CONFIG_FIELDS = {
    "PUB": (*_COMMON, "topic", *_RECONNECTS),
    "PUSH": (*_COMMON, *_RECONNECTS),
    "REQ": ("socket_type", "request_timeout", "retries", *_COMMON[1:], *_RECONNECTS),
}
CONFIG_SLIDERS = ("high_water_mark", "send_timeout", "queue_size", "linger", "request_timeout", "retries")
_LISTENER_COMMON = ("delay_ms", "delay_jitter_ms", "high_water_mark", "stall")
LISTENER_FIELDS = {
    "PUB": (*_LISTENER_COMMON, "topics", "endpoint"),
    "PUSH": (*_LISTENER_COMMON, "endpoint"),
    "REQ": (*_LISTENER_COMMON[:2], "drop_replies", "error_replies", "reply", *_LISTENER_COMMON[2:], "endpoint"),
}
LISTENER_SLIDERS = ("delay_ms", "high_water_mark")
_TCP = ("send_buffer", "receive_buffer", "ipv6", "tcp_keepalive", "tcp_keepalive_idle", "tcp_keepalive_interval")
_HEARTBEATS = ("heartbeat_interval", "heartbeat_timeout")
# Only keys that have an effect for the pattern; bench_app.preset.option_conflicts lists those that have none.
CONNECTION_FIELDS = {
    "PUB": ("reconnect_interval_max", *_HEARTBEATS, "immediate", "no_drop", *_TCP),
    "PUSH": ("reconnect_interval_max", *_HEARTBEATS, "immediate", "conflate", *_TCP),
    "REQ": ("reconnect_interval_max", *_HEARTBEATS, "immediate", "max_message_size", *_TCP),
}
LISTENER_CONNECTION_FIELDS = {
    "PUB": ("reconnect_interval_max", *_HEARTBEATS, "conflate", "max_message_size", *_TCP),
    "PUSH": ("reconnect_interval_max", *_HEARTBEATS, "conflate", "max_message_size", *_TCP),
    "REQ": ("reconnect_interval_max", *_HEARTBEATS, "max_message_size", *_TCP),
}
BENCH_FIELDS = ("paired", "mode", "framing", "stamp", "start_gate", "high_water_mark_set")
RUN_FIELDS = ("title", "description", "duration_s", "warmup_s")
