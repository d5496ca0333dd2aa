"""A port at which nobody listens, for a handler that is to connect to nobody: plan -> **plan with the port**.

A fixed port could be taken, and then the handler would find a peer that it was not meant to have.
"""

from __future__ import annotations

import socket
from dataclasses import replace

import msgspec

from bench_app.engine.plan import HandlerPlan


def at_free_port(plan: HandlerPlan) -> HandlerPlan:
    """The plan of a handler that connects to a port of the system's choice, with that port; any other plan as it is.

    With a listener of the bench, that listener binds the port, so it is chosen then.
    """
    direct = any(not listener.has_own_endpoint for listener in plan.listeners)
    if plan.bind or direct or not plan.endpoint.wildcard_port:
        return plan
    with socket.socket(socket.AF_INET6 if plan.endpoint.ipv6 else socket.AF_INET) as free:
        free.bind((plan.endpoint.address.strip("[]"), 0))
        return replace(plan, endpoint=msgspec.structs.replace(plan.endpoint, port=free.getsockname()[1]))
