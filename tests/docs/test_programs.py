"""The programs in ``programs`` do what they say. ``test_typing.py`` checks their types."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading

import pytest
import zmq

from tests.docs.pages import ROOT
from tests.docs.programs import embedded_publisher, own_unit_test, request_client, work_queue
from tests.docs.programs.work_queue import Task
from tests.library.ends import listening


def test_a_service_publishes_from_its_loop() -> None:
    taken, found = asyncio.run(embedded_publisher.main(readings=20))
    assert taken == 20
    assert found[:2] == [("sensor.room-0", 0.0), ("sensor.room-1", 0.1)]
    assert [level for _, level in found][9::10] == [None, None]


def test_a_work_queue_decides_what_happens_to_a_task() -> None:
    tasks = [Task(number, number % 5 == 0) for number in range(200)]
    with listening(zmq.PULL) as (pull, uri):
        received: list[int] = []

        def work() -> None:
            while (number := json.loads(pull.recv())["number"]) is not None:
                received.append(number)

        worker = threading.Thread(target=work)
        worker.start()
        decisions, stats = work_queue.main(uri, tasks)
        with zmq.Context() as context, context.socket(zmq.PUSH) as push:
            push.connect(uri.removeprefix("zmq://"))
            push.send(b'{"number": null}')
            worker.join()
    assert decisions.total() == len(tasks)
    assert decisions["kept"] == 0
    assert stats.accepted == decisions["sent"] + decisions["waited"]
    urgent = {task.number for task in tasks if task.is_urgent}
    # The end of the test and the last tasks come from two sockets, whose messages may pass each other.
    assert len(urgent - set(received)) <= stats.accepted - len(received)


def test_a_client_asks_one_by_one_and_many_at_once() -> None:
    with listening(zmq.REP) as (rep, uri):

        def serve() -> None:
            for _ in range(10):
                image = json.loads(rep.recv())["image"]
                rep.send(json.dumps({"label": f"label {image}"}).encode())

        server = threading.Thread(target=serve)
        server.start()
        one_by_one, at_once, error = request_client.main(uri, 5)
        server.join()
    assert one_by_one == [f"label {image}" for image in range(5)]
    assert at_once == {image: f"label {image}" for image in range(5)}
    assert error == "classifier is not connected"


def test_a_client_says_that_there_is_no_reply(capsys: pytest.CaptureFixture[str]) -> None:
    classifier = request_client.Classifier("zmq://tcp://127.0.0.1:9", 10)
    assert (classifier.label(1), classifier.label(2, timeout=0)) == ("?", "?")
    classifier.close()
    assert "request 1: 2 attempts in " in capsys.readouterr().out


def test_a_window_shows_messages() -> None:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "tests.docs.programs.qasync_window"]
    finished = subprocess.run(
        command, cwd=ROOT, env=environment, timeout=120, capture_output=True, text=True, check=False
    )
    assert finished.stdout.strip() == str(list(range(20))), finished.stderr


def test_a_user_tests_a_program_with_a_fake_consumer() -> None:
    own_unit_test.test_only_a_high_temperature_is_an_alarm()
