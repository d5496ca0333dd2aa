"""Records are decoded by several threads at once."""

from __future__ import annotations

import subprocess
import sys

FIRST_DECODING_IN_EIGHT_THREADS = """
import sys, threading, msgspec
from bench_app.archive.stored_record import StoredRecord
from bench_app.archive.unpacking import unpack
sys.setswitchinterval(1e-6)
data = msgspec.msgpack.encode({"result": {"preset": "x", "handlers": {"a": {"offered": 1}}}, "events": [{"at_s": 1.0}]})
begin, refused = threading.Barrier(8), []
def decode():
    begin.wait()
    try:
        unpack(data, StoredRecord)
    except msgspec.ValidationError:
        refused.append(1)
threads = [threading.Thread(target=decode) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(refused))
"""


def test_threads_may_decode_the_first_record_together() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FIRST_DECODING_IN_EIGHT_THREADS], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "8\n")
