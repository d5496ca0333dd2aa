"""The counts of a client."""

from __future__ import annotations

import zmq

from bench_app import ZmqClient
from bench_app.library.client_stats import ClientStats
from tests.library.ends import listening


def test_a_client_counts_what_it_reads_answers_and_writes() -> None:
    with (
        ZmqClient("rep", {"socket_type": "REP", "mode": "bind"}) as rep,
        ZmqClient("req", {"socket_type": "REQ"}) as req,
    ):
        assert rep.stats == ClientStats()
        rep.connect("zmq://tcp://127.0.0.1:*")
        req.connect(f"zmq://{rep.endpoint}")
        pending = req.start_request([1])
        assert rep.read_message(10) is not None and rep.write_message("", 2)
        assert pending.result(10).value == 2
        assert rep.stats == ClientStats(read=1, read_bytes=3, answered=1)
        assert req.stats.written is not None and req.stats.written.replied == 1
        assert req.stats.as_dict()["written"]["replied"] == 1
        req.disconnect()
        assert req.stats.written is not None and req.stats.written.accepted == 1


def test_a_new_connection_counts_from_0() -> None:
    with listening(zmq.PULL) as (pull, uri), ZmqClient("push", {"socket_type": "PUSH"}) as push:
        push.connect(uri)
        assert push.write_message("", 1) and pull.recv() == b"1"
        push.connect(uri)
        assert push.stats.written is not None and push.stats.written.offered == 0
