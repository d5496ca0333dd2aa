"""``zmq-bench account`` with the file of a consumer of plain pyzmq."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import zmq

from tests.cli.command import bench
from tests.runs import preset


def test_the_ledger_of_ones_own_consumer_is_completed(tmp_path: Path) -> None:
    received = tmp_path / "received.jsonl"
    raw = preset({"socket_type": "PUSH"}, rate=500, duration_s=0.4)
    raw["bench"]["handlers"] = {"h": {"paired": False, "mode": "connect"}}
    with zmq.Context() as context, context.socket(zmq.PULL) as pull:
        port = pull.bind_to_random_port("tcp://127.0.0.1")
        raw["output"]["handlers"]["h"]["uri"] = f"zmq://tcp://127.0.0.1:{port}"
        (tmp_path / "p.json").write_text(json.dumps(raw))
        bodies: list[tuple[bytes, int]] = []
        is_over = threading.Event()

        def consume() -> None:
            while not is_over.is_set():
                while pull.poll(50):
                    bodies.append((pull.recv(), time.perf_counter_ns()))

        consumer = threading.Thread(target=consume)
        consumer.start()
        bench("run", str(tmp_path / "p.json"), "--quiet", "--json", str(tmp_path / "result.json"))
        is_over.set()
        consumer.join()
    # The consumer drops three messages, and writes one twice.
    kept = [*bodies[:10], *bodies[12:-1], bodies[20]]
    lines = [body[:-1] + b',"received_ns":%d}' % at_ns for body, at_ns in kept]
    received.write_bytes(b"\n".join(lines))
    finished = bench(
        "account", str(tmp_path / "result.json"), str(received), "--json", str(tmp_path / "completed.json")
    )
    count = len(bodies)
    assert finished.returncode == 0, finished.stderr
    assert f"h/consumer-1: {count:,} accepted = {count - 3:,} received + 3 lost, balances" in finished.stdout
    assert "1 duplicates, 1 reordered" not in finished.stdout
    assert "gap: numbers 11 to 12 (2), due at " in finished.stdout
    completed = json.loads((tmp_path / "completed.json").read_bytes())
    handler = completed["handlers"]["h"]
    row = handler["listeners"]["consumer-1"]
    assert (handler["lost"], row["received"], row["duplicates"], row["reordered"]) == (3, count - 3, 1, 0)
    assert row["service_us"]["count"] == row["response_us"]["count"] == count - 3
    assert f"service of {count - 3:,}: p50 " in finished.stdout
    assert [(gap["first"], gap["last"]) for gap in row["gaps"]] == [(11, 12), (count, count)]


def test_bad_input_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    finished = bench("account", str(tmp_path / "a.json"), str(tmp_path / "b"))
    assert finished.returncode == 2
    assert "a.json is no result of zmq-bench run --json" in finished.stderr
    finished = bench("account", str(tmp_path / "no.json"), str(tmp_path / "b"))
    assert (finished.returncode, "no.json cannot be read" in finished.stderr) == (2, True)
