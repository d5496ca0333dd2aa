"""The messages that make a worker open a unit: unit states -> **open orders** -> worker."""

from __future__ import annotations

import msgspec

from bench_app.engine.control.messages import OpenHandler, OpenListener
from bench_app.engine.state import HandlerState, ListenerState
from bench_app.measure.clock import NS_PER_S
from bench_app.model import BenchSpec
from bench_app.transport.stamp import Identity
from bench_app.transport.wire import join_token


class OpenOrders:
    """Makes the orders of one run. ``run`` is the number of the run in all stamps.

    A unit that was open before gets an order with the endpoint that it had, so that its peers find it again.
    """

    def __init__(self, run: int, bench: BenchSpec) -> None:
        self._run = run
        self._bench = bench

    def change_duration(self, duration_s: float) -> None:
        """Units that open from now on offer events until ``duration_s`` after the start of the run."""
        self._bench = msgspec.structs.replace(self._bench, duration_s=duration_s)

    def open_handler(self, handler: HandlerState, listeners: list[ListenerState]) -> OpenHandler:
        """The order for a handler. Listeners that it connects to must be open already."""
        plan, bench = handler.plan, self._bench
        identity = Identity(self._run, plan.number)
        return OpenHandler(
            unit=plan.unit,
            spec=plan.spec,
            bench=plan.bench,
            source=plan.source,
            base_dir=str(handler.base_dir),
            endpoints=self.handler_endpoints(handler, listeners),
            bind=plan.bind,
            run=self._run,
            handler=plan.number,
            join_tokens=tuple(
                b"" if listener.counts_receipts else join_token(identity, listener.index) for listener in plan.listeners
            ),
            peers_expected=plan.expected_peers,
            duration_ns=remaining_ns(bench.duration_s, handler),
            warmup_ns=remaining_ns(bench.warmup_s, handler),
            counters_file=str(handler.counters_file),
            spans=handler.spans,
            incarnation=handler.restarts,
            load_changed=handler.load_changed,
            recorded_zero_ns=handler.recorded_zero_ns,
            polls_often=bool(self._bench.timeline),
        )

    @staticmethod
    def handler_endpoints(handler: HandlerState, listeners: list[ListenerState]) -> tuple[str, ...]:
        """The endpoint at which a handler binds, or the endpoints of all its listeners that bind."""
        if handler.plan.bind:
            return (handler.endpoint or str(handler.plan.endpoint),)
        direct = [s.endpoint for s in listeners if s.plan.bind and not s.plan.has_own_endpoint and s.opened]
        return tuple(direct) or (str(handler.plan.endpoint),)

    def open_listener(self, listener: ListenerState, not_before_ns: int) -> OpenListener:
        """The order for a listener. A handler that it connects to must be open already."""
        plan, handler = listener.plan, listener.handler.plan
        wanted = str(plan.endpoint) if plan.endpoint is not None else listener.handler.endpoint
        return OpenListener(
            unit=plan.unit,
            listener_type=plan.listener_type,
            spec=plan.spec,
            bench=handler.bench,
            endpoint=(listener.endpoint or wanted) if plan.bind else wanted,
            bind=plan.bind,
            run=self._run,
            handler=handler.number,
            join_token=join_token(Identity(self._run, handler.number), plan.index),
            warmup_ns=int(self._bench.warmup_s * NS_PER_S),
            counters_file=str(listener.counters_file),
            seed=handler.number * 1000 + plan.index,
            incarnation=listener.restarts,
            not_before_ns=not_before_ns,
            shares_messages=listener.shares_messages,
            record=listener.record,
            polls_often=bool(self._bench.timeline),
        )


def remaining_ns(seconds: float, handler: HandlerState) -> int:
    """The part of the run's ``seconds`` that is left for a handler, which may have joined late."""
    return max(0, int((seconds - handler.joined_s) * NS_PER_S))
