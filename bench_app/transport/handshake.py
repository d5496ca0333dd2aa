"""Why a handshake failed: monitor event -> **reason** -> state of the connection."""

from __future__ import annotations

import errno

import zmq

_HUNG_UP = frozenset({errno.EPIPE, errno.ECONNRESET, errno.ECONNABORTED})
_PROTOCOL_ERRORS: dict[int, str] = {
    zmq.PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH: "the two sides use different security (CURVE, PLAIN or none)",
    zmq.PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC: "the CURVE keys do not match",
}
FINAL = frozenset({zmq.EVENT_HANDSHAKE_FAILED_AUTH, zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL})
"""Events after which libzmq does not try again by itself."""


def failure_of(event: int, value: int) -> str:
    """Why a handshake failed; "" for any other event."""
    match event:
        case zmq.EVENT_HANDSHAKE_FAILED_AUTH:
            return f"the handshake failed: not authorized (ZAP status {value})"
        case zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL:
            return f"the handshake failed: {_PROTOCOL_ERRORS.get(value, f'protocol error {value:#x}')}"
        case zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL if value in _HUNG_UP:
            return "the handshake failed: the other side hung up (another CURVE key is expected, or no ZeroMQ there)"
        case zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL:
            return f"the handshake failed: {zmq.strerror(value)}"
    return ""
