"""ZmqClient: one socket of each of the six types, against plain pyzmq."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
import zmq

from bench_app import Message, ZmqClient
from bench_app.errors import InputError, PresetError, RequestTimeoutError, SaveError, UsageError
from tests.library import until
from tests.library.ends import connected, listening, written_until_read

ANY = "zmq://tcp://127.0.0.1:*"


def client(socket_type: str, **config: Any) -> ZmqClient:
    return ZmqClient("test", {"socket_type": socket_type, **config})


def test_push_and_req_write_to_a_listener() -> None:
    with listening(zmq.PULL) as (pull, uri), client("PUSH") as push:
        assert push.connect(uri)
        assert push.write_message("ignored", {"id": 1})
        assert pull.recv() == b'{"id":1}'
        until(lambda: push.is_connected)
    with listening(zmq.REP) as (rep, uri), client("REQ") as req:
        req.connect(uri)
        assert req.read_message(0.01) is None
        req.write_message("", {"method": "ping"})
        assert rep.recv() == b'{"method":"ping"}'
        rep.send(b'{"ok":true}')
        assert req.read_message(10) == Message("", {"ok": True}, b'{"ok":true}')


def test_a_publisher_appends_the_given_topic_to_its_own() -> None:
    with client("PUB", topic="custom", mode="bind", uri=ANY) as pub:
        pub.connect()
        with connected(zmq.SUB, pub.endpoint) as sub:
            assert written_until_read(lambda: pub.write_message("topic", 1), sub) == [b"custom.topic", b"1"]
            assert pub.event_handler({"id": 2})
            while (frames := sub.recv_multipart())[0] != b"custom":
                pass
            assert frames == [b"custom", b'{"id":2}']


def test_a_subscriber_reads_topic_and_value_in_both_framings() -> None:
    with listening(zmq.PUB) as (pub, uri), client("SUB", topic="a") as sub:
        sub.connect(uri)
        message = None
        while message is None:
            pub.send_multipart([b"a.b", b'{"id":1}'])
            message = sub.read_message(0.02)
        assert message == Message("a.b", {"id": 1}, b'{"id":1}')
        pub.send(b'a.joined {"id": 2}')
        pub.send_multipart([b"other", b"1"])
        pub.send_multipart([b"a", b"no json"])
        until_joined = [sub.read_message(10) for _ in range(2)]
        while until_joined[-2] is None or until_joined[-2].topic != "a.joined":
            until_joined.append(sub.read_message(10))
        assert until_joined[-2:] == [
            Message("a.joined", {"id": 2}, b'{"id": 2}'),
            Message("a", b"no json", b"no json"),
        ]


def test_pull_and_rep_read_and_a_rep_answers() -> None:
    with client("PULL", mode="bind") as pull:
        pull.connect(ANY)
        with connected(zmq.PUSH, pull.endpoint) as push:
            push.send(b"[1,2]")
            assert pull.read_message(10) == Message("", [1, 2], b"[1,2]")
    with client("REP", mode="bind") as rep:
        rep.connect(ANY)
        with pytest.raises(UsageError, match="no request to answer"):
            rep.write_message("", 1)
        with connected(zmq.REQ, rep.endpoint) as req:
            req.send(b'{"question":1}')
            message = rep.read_message(10)
            assert message is not None and message.value == {"question": 1}
            assert rep.write_message("", {"answer": 2})
            assert json.loads(req.recv()) == {"answer": 2}


def test_a_reader_that_waits_for_ever_ends_when_another_thread_disconnects() -> None:
    with listening(zmq.PUSH) as (_, uri), client("PULL", mode="connect") as pull:
        pull.connect(uri)
        read: list[Message | None] = []
        reader = threading.Thread(target=lambda: read.append(pull.read_message()))
        reader.start()
        until(lambda: pull.is_connected)
        assert pull.disconnect()
        reader.join(10)
        assert read == [None]
        assert not pull.is_connected
        assert not pull.disconnect()


def test_both_ends_of_inproc_work_in_one_process() -> None:
    with client("PULL", mode="bind") as pull, client("PUSH") as push:
        pull.connect("zmq://inproc://library-test")
        push.connect("zmq://inproc://library-test")
        push.write_message("", "hello")
        message = pull.read_message(10)
        assert message is not None and message.value == "hello"


def test_a_port_without_a_listener_is_given_up() -> None:
    config = {"reconnect_interval": 5, "max_reconnect_attempts": 2, "linger": 0}
    with client("SUB", **config) as sub:
        sub.connect("zmq://tcp://127.0.0.1:9")
        until(lambda: sub.state == "gave up")


@pytest.mark.parametrize(("socket_type", "does"), [("PUB", "only writes"), ("PUSH", "only writes")])
def test_a_client_that_only_writes_cannot_read(socket_type: str, does: str) -> None:
    with client(socket_type, mode="bind") as one:
        with pytest.raises(UsageError, match="not connected"):
            one.read_message(0)
        one.connect(ANY)
        with pytest.raises(UsageError, match=does):
            one.read_message(0)


def test_a_client_that_only_reads_cannot_write() -> None:
    with client("PULL", mode="bind") as pull:
        with pytest.raises(UsageError, match="not connected"):
            pull.write_message("", 1)
        pull.connect(ANY)
        with pytest.raises(UsageError, match="only reads"):
            pull.write_message("", 1)


def test_the_config_is_kept_whole_and_saved(tmp_path: Path) -> None:
    one = client("SUB", topic="a", linger=5)
    config = one.get_config()
    assert (config["socket_type"], config["topic"], config["linger"], config["high_water_mark"]) == (
        "SUB",
        "a",
        5,
        1000,
    )
    one.save_config(tmp_path / "client.json")
    again = ZmqClient("again", json.loads((tmp_path / "client.json").read_text()))
    assert again.get_config() == config
    with pytest.raises(SaveError):
        one.save_config(tmp_path)
    with pytest.raises(PresetError, match="2 faults"):
        one.set_config({"socket_type": "DEALER", "linger": -7})
    assert one.get_config() == config


def test_connect_needs_a_uri() -> None:
    with pytest.raises(InputError, match="needs a uri"):
        client("SUB").connect()
    with pytest.raises(InputError, match="begins with zmq://"):
        client("SUB").connect("tcp://127.0.0.1:1")


def test_the_newest_unread_replies_are_kept_until_the_next_connect() -> None:
    with listening(zmq.REP) as (rep, uri), client("REQ", high_water_mark=3) as req:
        req.connect(uri)
        for number in range(5):
            assert req.write_message("", number)
            rep.recv()
            rep.send(b"%d" % number)
        # The thread puts a reply into the queue just after it has sent the next request.
        until(lambda: [message.value for message in req.unread_replies] == [2, 3, 4])
        assert req.write_message("", "last")
        rep.recv()
        assert [message and message.value for message in (req.read_message(10) for _ in range(3))] == [2, 3, 4]
        rep.send(b"5")
        until(lambda: len(req.unread_replies) == 1)
        req.connect(uri)
        assert req.read_message(0.01) is None


def test_a_changed_config_applies_from_the_next_connect_on() -> None:
    with client("PULL", mode="bind") as one:
        one.connect(ANY)
        one.set_config({"socket_type": "PUSH"})
        with connected(zmq.PUSH, one.endpoint) as push:
            push.send(b"1")
            message = one.read_message(10)
        assert message is not None and message.value == 1
        with pytest.raises(UsageError, match="a PULL only reads"):
            one.write_message("", 1)


def test_an_inproc_name_is_free_after_disconnect() -> None:
    with client("PULL", mode="bind") as pull:
        for number in range(300):
            pull.connect("zmq://inproc://again")
            with client("PUSH") as push:
                push.connect("zmq://inproc://again")
                push.write_message("", number)
                message = pull.read_message(10)
            assert message is not None and message.value == number
            pull.disconnect()


def test_reading_tells_the_failure_of_the_request_without_waiting_longer() -> None:
    with listening(zmq.ROUTER) as (_, uri), client("REQ", request_timeout=20, retries=1, linger=0) as req:
        req.connect(uri)
        req.write_message("", 1)
        with pytest.raises(RequestTimeoutError) as it:
            req.read_message()
        assert (it.value.request_id, it.value.attempts) == (1, 2)
        with pytest.raises(RequestTimeoutError):
            req.request(2)


def test_only_a_connected_req_sends_requests() -> None:
    with client("REQ", linger=0) as req, pytest.raises(UsageError, match="not connected"):
        req.request(1)
    with client("PULL", mode="bind") as pull:
        pull.connect(ANY)
        with pytest.raises(UsageError, match="a PULL sends no requests"):
            pull.request(1)


def test_a_rep_must_answer_before_it_reads_on() -> None:
    with client("REP", mode="bind") as rep, client("REQ") as req:
        rep.connect(ANY)
        req.connect(f"zmq://{rep.endpoint}")
        pending = req.start_request("first")
        assert rep.read_message(10) == Message("", "first", b'"first"')
        assert rep.owes_answer
        with pytest.raises(UsageError, match="the last request is not answered"):
            rep.read_message()
        assert rep.write_message("", "done")
        assert not rep.owes_answer
        assert pending.result(10).value == "done"
        assert rep.read_message(0) is None
