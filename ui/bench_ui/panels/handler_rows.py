"""The rows of the handlers panel: document, and views of a run -> **rows** -> tree. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bench_app.engine.plan import HandlerPlan, make_plan
from bench_app.engine.view import HandlerView, ListenerView
from bench_app.errors import BenchError
from bench_app.model import HandlerSpec
from bench_app.preset.defaults import handler_bench, listeners_of
from bench_app.preset.documents import Document
from bench_app.preset.other_schemes import handlers_of_other_schemes
from bench_app.transport.connection import ConnectionState, ConnectionStatus
from bench_ui.panels.own_consumer import OWN_CONSUMER, reachable
from bench_ui.widgets import number_format
from bench_ui.widgets.number_format import shortened

ARROW = "→"
"""Between the address of the preset and the address that replaces it."""
_NOT_RUNNING = "not running"
LEFT_OUT = "not ZeroMQ, left out"
"""In place of the address of a handler of another scheme."""
_URI_CHARACTERS = 200
"""Such an address is shortened to this length."""
COPIED_HEADINGS = ("handler", "listener", "socket type", "address", "state", "rate")
OPEN_TO_NETWORK = "⚠ open to the network"
"""The badge of a unit to which other machines can connect."""
OPEN_TO_NETWORK_TIP = "Open to the network: other machines can connect to this address."


@dataclass(frozen=True)
class Row:
    """A line of the tree: a handler, or one of its listeners.

    Attributes:
        handler: the name of the handler.
        listener: the name of the listener; "" for the handler itself.
        badge: the socket type.
        name: the name that is shown.
        endpoint: the address in the preset.
        status: the state of the connection as text.
        state: the state of the connection, which chooses the colour of the light.
        enabled: False for a handler that takes part in no run, and for its listeners.
        real_endpoints: the addresses on this machine that replace ``endpoint``; empty if none do.
        rate: events offered or messages received a second; "" without a run.
        paused: True while the unit is paused.
        is_open_to_network: other machines can connect to it.
    """

    handler: str
    listener: str
    badge: str
    name: str
    endpoint: str
    status: str
    state: ConnectionState = ConnectionState.IDLE
    enabled: bool = True
    real_endpoints: tuple[str, ...] = ()
    rate: str = ""
    paused: bool = False
    is_open_to_network: bool = False

    @property
    def endpoint_text(self) -> str:
        """All addresses in one line."""
        return f"{self.endpoint} {ARROW} {', '.join(self.real_endpoints)}" if self.real_endpoints else self.endpoint

    @property
    def tooltip(self) -> str:
        """The tooltip: everything that the line shows, in full."""
        counted = "Messages received" if self.listener else "Events offered"
        network = OPEN_TO_NETWORK_TIP if self.is_open_to_network else ""
        lines = dict.fromkeys((f"{self.badge} {self.name}", self.endpoint_text, network, self.status))
        return "\n".join([*filter(None, lines), f"{counted} a second, over the last second."])

    @property
    def searched_text(self) -> str:
        """What a search looks at, in lower case."""
        return f"{self.badge} {self.name} {self.endpoint_text} {self.status}".casefold()

    @property
    def copied_cells(self) -> tuple[str, ...]:
        """The row below :data:`COPIED_HEADINGS`."""
        return self.handler, self.listener, self.badge, self.endpoint_text, self.status, self.rate

    @property
    def accessible_text(self) -> str:
        """The text for screen readers."""
        network = f", {OPEN_TO_NETWORK_TIP}" if self.is_open_to_network else ""
        return f"{self.badge} {self.name}, {self.status}, {self.rate}{network}"


def rows_of(document: Document | None) -> list[Row]:
    """The rows of a document without a run: each handler, followed by its listeners."""
    if document is None:
        return []
    preset = document.preset
    try:
        plans = {plan.name: plan for plan in make_plan(preset).handlers}
    except BenchError:
        plans = {}
    open_listeners = {
        (plan.name, listener.name)
        for plan in plans.values()
        for listener in plan.listeners
        if listener.is_open_to_network
    }
    rows = []
    for name, spec in preset.output.handlers.items():
        row = _handler_row(name, spec, plans.get(name), handler_bench(preset, name).paired)
        rows.append(row)
        for listener in listeners_of(preset, name):
            rows.append(
                Row(
                    handler=name,
                    listener=str(listener.name),
                    badge=spec.config.pattern.listener_type,
                    name=str(listener.name),
                    endpoint=_address(reachable(spec.uri.removeprefix("zmq://")))
                    if listener.receipts
                    else listener.endpoint or "",
                    status=_NOT_RUNNING,
                    enabled=spec.enabled,
                    is_open_to_network=(name, listener.name) in open_listeners,
                )
            )
        if not handler_bench(preset, name).paired and not listeners_of(preset, name):
            rows.append(_consumer_row(rows[-1], spec))
    return rows


def left_out_rows(document: Document | None) -> list[Row]:
    """The rows of handlers that are not for ZeroMQ. They take no part in a run, and saving keeps them as they are."""
    handlers = {} if document is None else handlers_of_other_schemes(document.raw)
    return [
        Row(
            handler=name,
            listener="",
            badge=scheme.upper(),
            name=name,
            endpoint=LEFT_OUT,
            status=shortened(str(document.raw["output"]["handlers"][name]["uri"]), _URI_CHARACTERS),
            enabled=False,
        )
        for name, scheme in handlers.items()
        if document is not None
    ]


def _consumer_row(handler: Row, spec: HandlerSpec) -> Row:
    """The row of a consumer of the user that nothing counts. Its address is the one of its handler."""
    return Row(
        handler=handler.handler,
        listener=OWN_CONSUMER,
        badge=spec.config.pattern.listener_type,
        name=OWN_CONSUMER,
        endpoint=_address(reachable(spec.uri.removeprefix("zmq://"))),
        status=_NOT_RUNNING,
        enabled=spec.enabled,
    )


def _handler_row(name: str, spec: HandlerSpec, plan: HandlerPlan | None, paired: bool) -> Row:
    endpoint = _address(spec.uri.removeprefix("zmq://"))
    real = "" if plan is None or not plan.replaced else _address(str(plan.endpoint))
    own_consumer = "" if paired else "; its consumer is your own (paired: false)"
    return Row(
        handler=name,
        listener="",
        badge=spec.config.socket_type,
        name=name,
        endpoint=endpoint,
        status=(_NOT_RUNNING if spec.enabled else "disabled") + own_consumer,
        enabled=spec.enabled,
        real_endpoints=(real,) if real and real != endpoint else (),
        is_open_to_network=plan is not None and plan.is_open_to_network,
    )


def handler_in_run(row: Row, view: HandlerView, paused: bool) -> Row:
    """A handler's row with its state, rate and current address in a run."""
    endpoints = tuple(map(_address, view.endpoints))
    if row.real_endpoints:
        shown = replace(row, real_endpoints=endpoints)
    else:
        shown = replace(row, endpoint=", ".join(endpoints))
    return _in_run(shown, view, view.offered_rate, paused)


def listener_in_run(row: Row, view: ListenerView, paused: bool) -> Row:
    """A listener's row with its state and rate in a run."""
    return _in_run(row, view, view.received_rate, paused)


def consumer_in_run(row: Row, view: HandlerView) -> Row:
    """The row of a consumer that nothing counts, with what its handler's socket knows of it."""
    endpoint = ", ".join(_address(reachable(one)) for one in view.endpoints)
    return replace(row, state=view.status.state, status=view.status.message or view.status.label, endpoint=endpoint)


def _in_run(row: Row, view: HandlerView | ListenerView, rate: float, paused: bool) -> Row:
    status = view.status
    return replace(row, state=status.state, status=_text_of(status), rate=number_format.rate(rate), paused=paused)


def _text_of(status: ConnectionStatus) -> str:
    return f"{status.label}: {status.message}" if status.message not in ("", status.label) else status.label


def _address(endpoint: str) -> str:
    """An endpoint without ``tcp://``, the most common transport."""
    return endpoint.removeprefix("tcp://")
