from array import array
from collections.abc import Callable

from bench_app.data_plane.latency_counts import LatencyCounts
from bench_app.data_plane.zmq_functions import ZmqFunctions
from bench_app.model import StampMode, WaitMode

class Receiver:
    is_behind: bool
    caught_up_ns: int
    last_message_ns: int
    measure_from_ns: int
    offering_ended_ns: int
    sample_due_ns: int
    next_recent: int
    first: int
    highest: int
    is_holding: bool
    held_until_ns: int
    @property
    def spun_ns(self) -> int: ...
    @property
    def error(self) -> int: ...
    @property
    def must_settle(self) -> bool: ...
    @property
    def used_draws(self) -> int: ...
    def __init__(
        self,
        functions: ZmqFunctions,
        slots: memoryview[int],
        recent_arrivals: array[int],
        mode: StampMode,
        prefix: bytes,
        service: LatencyCounts,
        response: LatencyCounts,
        backlog: LatencyCounts,
        reply_to: Callable[[bytes | None], bytes | None] | None = None,
    ) -> None: ...
    def set_wait(self, mode: WaitMode, wait_ms: int) -> None: ...
    def set_delay(self, has_delay: bool, delay_ms: float, jitter_ms: float, draws: bytes) -> None: ...
    def keep_replies(self, keeps: bool) -> None: ...
    def forget_replies(self) -> None: ...
    def receive(self, socket: int, until_ns: int, limit: int) -> int: ...
    def finish_message(self, socket: int) -> None: ...
    def take_ranges(self) -> bytes: ...
    def take_unusual(self) -> bytes: ...
    def take_sample(self) -> tuple[tuple[bytes, ...], int] | None: ...
