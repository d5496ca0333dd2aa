"""The user's requests for one handler or listener: tree, inspector, messages tab -> **unit actions** -> session."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from bench_app.engine.manual_sends import ManualSend
from bench_app.engine.session import Session
from bench_app.engine.state import UnitState
from bench_app.errors import EngineError
from bench_ui.panels.capacity_dialog import CapacityDialog
from bench_ui.panels.send_texts import answer_text, sent_text
from bench_ui.panels.sent_events import SentEvent
from bench_ui.panels.unit_request import UnitAction, UnitRequest
from bench_ui.runs.capacity_runner import CapacityRunner
from bench_ui.window import dialogs
from bench_ui.window.color_scheme import ColorScheme
from bench_ui.window.document_editing import DocumentEditing
from bench_ui.window.panels import Panels
from bench_ui.workbench import Workbench


class UnitActions(QObject):
    """Carries out the requests of the panels."""

    event_sent = Signal(object)
    """With a SentEvent that was offered."""

    def __init__(
        self,
        window: QWidget,
        bench: Workbench,
        panels: Panels,
        editing: DocumentEditing,
        capacity: CapacityRunner,
        color_scheme: ColorScheme,
    ) -> None:
        super().__init__(window)
        self._window, self._bench, self._panels = window, bench, panels
        self._last_send: ManualSend | None = None
        """Whose answer the editor waits for."""
        self._editing, self._capacity, self._color_scheme = editing, capacity, color_scheme
        panels.handlers.action_wanted.connect(self.carry_out)
        panels.inspector.action_wanted.connect(self.carry_out)
        panels.messages.editor.send_wanted.connect(self.send_event)

    def carry_out(self, request: UnitRequest) -> None:
        """Carry out a request. A request that needs a run is ignored if the unit takes no part in one."""
        handler = request.handler
        match request.action:
            case UnitAction.RENAME:
                self._ask_name(handler, request.listener)
            case UnitAction.START_ALONE:
                self._bench.start(only=handler)
            case UnitAction.MEASURE_CAPACITY:
                self.measure_capacity(handler)
            case _:
                session = self._session_with(handler)
                unit = None if session is None else _unit_of(session, request)
                if session is not None and unit is not None:
                    self._carry_out_in_run(session, unit, request)

    def _carry_out_in_run(self, session: Session, unit: UnitState, request: UnitRequest) -> None:
        handler = request.handler
        match request.action:
            case UnitAction.STOP:
                self._start(session.stop_handler(handler), "stop-handler")
            case UnitAction.RECONNECT:
                self._start(session.reconnect_handler(handler), "reconnect-handler")
            case UnitAction.KILL:
                session.kill_unit(unit)
            case UnitAction.PAUSE | UnitAction.RESUME:
                self._start(session.pause_unit(unit, request.action is UnitAction.PAUSE), "pause-unit")

    def _session_with(self, handler: str) -> Session | None:
        """The session under way, if the handler takes part in it."""
        session = self._bench.run.session
        return session if session is not None and self._bench.run.running and handler in session.handlers else None

    def _start(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        self._bench.start_task(work, name)

    def _ask_name(self, handler: str, listener: str) -> None:
        dialogs.ask_text(
            self._window, "New name", listener or handler, lambda name: self._editing.rename(handler, listener, name)
        )

    def measure_capacity(self, handler: str) -> None:
        """Measure how many messages a handler's connections hold, and show it in a dialog; ignored during a run."""
        if self._bench.editor.document is not None and not self._bench.run.running:
            CapacityDialog(self._capacity, handler, self._color_scheme.theme, self._window).show()

    def send_event(self, handler: str, body: bytes, count: int = 1) -> None:
        """Offer an event that the user wrote to a handler of the run, ``count`` times."""
        session = self._session_with(handler)
        if session is None:
            self._panels.messages.editor.refuse(f"{handler}: not sent, because it takes no part in a run")
        else:
            self._start(self._send_event(session, handler, body, count), "send-event")

    async def _send_event(self, session: Session, handler: str, body: bytes, count: int) -> None:
        editor = self._panels.messages.editor
        try:
            send = await session.send_event(handler, body, count)
        except EngineError as error:
            editor.refuse(str(error))
            return
        self._last_send = send
        editor.show_sent(sent_text(handler, send, session.now_s))
        self.event_sent.emit(SentEvent(handler, body.decode(), count))
        if session.handlers[handler].plan.pattern.gets_replies:
            await session.wait_answered(handler, send)
            if send is self._last_send:
                editor.show_answer(answer_text(send))


def _unit_of(session: Session, request: UnitRequest) -> UnitState | None:
    handler = session.handlers[request.handler]
    if not request.listener:
        return handler
    return next((one for one in session.listeners_of(handler) if one.plan.name == request.listener), None)
