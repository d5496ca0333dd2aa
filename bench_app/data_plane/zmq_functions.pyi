from collections.abc import Mapping

NAMES: tuple[str, ...]
CLOCK_NAMES: tuple[str, ...]

class ZmqFunctions:
    def __init__(self, addresses: Mapping[str, int], clock: Mapping[str, int] | None = None) -> None: ...
    def receive(self, socket: int) -> tuple[bytes, ...] | None: ...
