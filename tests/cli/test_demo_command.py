"""``zmq-bench demo``: lists the demos, and refuses what is none."""

from __future__ import annotations

from tests.cli.command import bench_inside


def test_without_a_name_the_demos_are_listed() -> None:
    finished = bench_inside("demo")
    assert finished.returncode == 0
    assert "pub-loss" in finished.stdout and "Demo: a publisher" in finished.stdout


def test_what_is_no_demo_is_an_error_of_the_user() -> None:
    finished = bench_inside("demo", "nothing-like-it")
    assert finished.returncode == 2
    assert "neither a file nor the name of a demo" in finished.stderr
