"""After a fork: the parent's handlers raise an error in the child instead of hanging; the child can make new ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
import zmq

from tests.library.ends import listening

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")

# A thread writes all the time, so that in some forks it holds the lock at the moment of the fork.
BUSY = """
import os, signal, sys, threading
from bench_app import Output, ZmqClient
from bench_app.errors import EngineError

output = Output("parent")
handler = output.add_handler("h", sys.argv[1], "events", {"linger": 0})
client = ZmqClient("client", {"socket_type": "PULL", "mode": "bind"})
client.connect("zmq://tcp://127.0.0.1:*")
done = threading.Event()

def write():
    while not done.is_set():
        output.write("events", 1)

def read():
    while not done.is_set():
        client.read_message(0.01)

for work in (write, read):
    threading.Thread(target=work).start()

def refused(work):
    try:
        work()
    except EngineError as error:
        return "made in another process" in str(error)
    return False

def child():
    calls = [
        lambda: output.write("events", 1),
        lambda: output.flush(1),
        lambda: output.remove_handler("h"),
        lambda: output.add_handler("new", "zmq://tcp://127.0.0.1:9"),
        lambda: handler.stats,
        lambda: client.read_message(0),
        lambda: client.write_message("", 1),
        lambda: client.connect(),
        lambda: client.is_connected,
    ]
    wrong = [place for place, work in enumerate(calls) if not refused(work)]
    handler.stop()
    output.close()
    client.disconnect()
    return 1 + wrong[0] if wrong else 0

codes = set()
for _ in range(20):
    pid = os.fork()
    if pid == 0:
        # The alarm ends a child that hangs, and the parent sees its exit code.
        signal.alarm(5)
        os._exit(child())
    codes.add(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    if codes != {0}:
        break
done.set()
client.disconnect()
output.close()
stats = handler.stats
assert stats.offered == stats.queue_overflow + stats.send_timeout + stats.aborted + stats.accepted
print(codes)
"""

OWN = """
import os, signal
from bench_app import Output, ZmqClient

def talk():
    with ZmqClient("reader", {"socket_type": "PULL", "mode": "bind"}) as client, Output("writer") as output:
        client.connect("zmq://inproc://own")
        output.add_handler("h", "zmq://inproc://own")
        output.write("events", "hello")
        return client.read_message(10).value == "hello"

assert talk()
pid = os.fork()
if pid == 0:
    signal.alarm(15)
    os._exit(0 if talk() else 1)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), talk())
"""


def printed(program: str, *arguments: str) -> str:
    command = [sys.executable, "-W", "ignore", "-c", program, *arguments]
    finished = subprocess.run(command, timeout=60, capture_output=True, text=True, check=False)
    assert (finished.returncode, finished.stderr) == (0, "")
    return finished.stdout.strip()


def test_calls_on_the_parents_objects_raise_in_the_child_and_never_hang() -> None:
    with listening(zmq.PULL) as (_, uri):
        assert printed(BUSY, uri) == "{0}"


def test_a_child_can_make_new_objects_over_inproc() -> None:
    assert printed(OWN) == "0 True"


FORKING = """
import os, sys
from bench_app import Output
from bench_app.errors import EngineError
output = Output("parent")
output.add_handler("h", sys.argv[1], "events")
child = os.fork()
if child == 0:
    try:
        output.write("events", "from the child")
    except EngineError as error:
        print(error, flush=True)
        sys.exit(7)
    sys.exit(0)
_, status = os.waitpid(child, 0)
output.write("events", "from the parent")
output.close()
sys.exit(os.waitstatus_to_exitcode(status))
"""


def test_a_forked_child_gets_an_error_and_the_parent_goes_on() -> None:
    with listening(zmq.PULL) as (pull, uri):
        command = [sys.executable, "-W", "ignore", "-c", FORKING, uri]
        finished = subprocess.run(command, timeout=60, capture_output=True, text=True, check=False)
        assert (finished.returncode, finished.stderr) == (7, "")
        assert "made in another process" in finished.stdout
        assert json.loads(pull.recv()) == "from the parent"
