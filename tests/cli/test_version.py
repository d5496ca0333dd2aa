"""``zmq-bench --version`` names the data plane and the file of libzmq."""

from __future__ import annotations

from bench_app import __version__
from bench_app.cli.version import format_version
from bench_app.data_plane.choice import PlaneReport
from bench_app.data_plane.libzmq import find_libzmq
from tests.cli.command import bench


def test_the_command_prints_the_plane_and_the_library_of_this_installation() -> None:
    finished = bench("--version")
    version, plane, libzmq = finished.stdout.splitlines()
    assert (finished.returncode, version) == (0, f"zmq-bench, version {__version__}")
    assert plane.startswith(("data plane: compiled", "data plane: python ("))
    found = find_libzmq()
    assert libzmq == f"libzmq: {found.version}, {found.path}"


def test_a_reason_and_a_path_are_shown_only_where_there_is_one() -> None:
    compiled = PlaneReport(name="compiled", libzmq="4.3.5", libzmq_path="/a/libzmq.so")
    assert format_version(compiled).splitlines()[1:] == ["data plane: compiled", "libzmq: 4.3.5, /a/libzmq.so"]
    python = PlaneReport(name="python", reason="it is not compiled", libzmq="4.3.5", libzmq_path=None)
    assert format_version(python).splitlines()[1:] == ["data plane: python (it is not compiled)", "libzmq: 4.3.5"]
