from __future__ import annotations

import threading
from pathlib import Path

import pytest

from bench_app.system.thread_name import name_this_thread


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="no /proc here")
def test_the_system_shows_the_name_of_the_thread() -> None:
    shown: list[str] = []

    def work() -> None:
        name_this_thread("heartbeat")
        shown.append(Path(f"/proc/self/task/{threading.get_native_id()}/comm").read_text().strip())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert shown == ["heartbeat"]
