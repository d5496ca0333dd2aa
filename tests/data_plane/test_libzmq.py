"""The functions of libzmq are used only if they are those of pyzmq's own sockets."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import zmq

from bench_app.data_plane.libzmq import PROOF_NAMES, UnprovenError, find_libzmq, prove

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="on Windows pyzmq hides the functions of its libzmq")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A second libzmq of the very same version."""
    path = tmp_path / "libzmq.so.5"
    shutil.copy(find_libzmq().path, path)
    return path


def addresses_in(library: ctypes.CDLL) -> dict[str, int]:
    return {name: ctypes.cast(getattr(library, name), ctypes.c_void_p).value or 0 for name in PROOF_NAMES}


def test_the_functions_and_the_file_of_the_library_are_found() -> None:
    found = find_libzmq(("zmq_send",))
    assert found.version == zmq.zmq_version()
    assert Path(found.path).is_file() and "zmq" in Path(found.path).name
    assert found.addresses.keys() > {*PROOF_NAMES, "zmq_send"}
    assert all(found.addresses.values())


def test_a_function_that_is_missing_is_named() -> None:
    with pytest.raises(UnprovenError, match="libzmq has no function zmq_sing"):
        find_libzmq(("zmq_sing",))


def test_a_second_libzmq_of_the_same_version_is_refused(copy: Path) -> None:
    other = ctypes.CDLL(str(copy))
    with pytest.raises(UnprovenError, match=f"pyzmq uses .*, but the functions found are those of {copy}"):
        prove(addresses_in(other))


def test_functions_of_two_libraries_are_refused(copy: Path) -> None:
    other = addresses_in(ctypes.CDLL(str(copy)))
    with pytest.raises(UnprovenError, match="come from several libraries"):
        prove(find_libzmq().addresses | {"zmq_errno": other["zmq_errno"]})


def test_a_libzmq_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = find_libzmq().addresses
    monkeypatch.setattr(zmq, "zmq_version", lambda: "9.8.7")
    with pytest.raises(UnprovenError, match=r"pyzmq uses libzmq 9\.8\.7, but the functions found are those of 4\."):
        prove(addresses)


@pytest.mark.skipif(sys.platform != "linux", reason="LD_PRELOAD")
def test_a_preloaded_libzmq_is_found(copy: Path) -> None:
    program = "from bench_app.data_plane.libzmq import find_libzmq; print(find_libzmq(['zmq_send']).path)"
    # The copy needs a library that lies beside the original.
    environment = os.environ | {"LD_PRELOAD": str(copy), "LD_LIBRARY_PATH": str(Path(find_libzmq().path).parent)}
    output = subprocess.check_output([sys.executable, "-c", program], text=True, env=environment)
    assert output.strip() == str(copy)
