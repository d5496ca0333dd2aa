"""The libzmq of this process: found, and proven to be the one of pyzmq, before compiled loops may call its functions.

A process can hold two libraries: with ``LD_PRELOAD``, pyzmq runs on another libzmq than the one in its wheel, which
stays loaded. Functions of one library on the sockets of the other would corrupt memory. So the functions are looked up
among those that all libraries of the process share, then in pyzmq's own extension, and each find must stand the same
tests: all functions are of one library, that library made a socket of pyzmq, and it answers as pyzmq does.
"""

from __future__ import annotations

import ctypes
import importlib.machinery
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache

import msgspec
import zmq

from bench_app.errors import BenchError

PROOF_NAMES = ("zmq_version", "zmq_getsockopt", "zmq_errno")
"""The functions that the tests call."""
PYZMQ_NAMES = (
    "zmq_bind",
    "zmq_close",
    "zmq_connect",
    "zmq_ctx_new",
    "zmq_ctx_set",
    "zmq_curve_keypair",
    "zmq_disconnect",
    "zmq_has",
    "zmq_msg_copy",
    "zmq_recv",
    "zmq_setsockopt",
    "zmq_socket",
    "zmq_socket_monitor",
    "zmq_unbind",
)
"""Some functions that pyzmq calls. If a preloaded library lacked one, pyzmq would take it from another library."""
_INVALID_OPTION = -1


class UnprovenError(BenchError):
    """No function may be called; the message is a sentence that says why."""


class Libzmq(msgspec.Struct, frozen=True):
    """The library that pyzmq's sockets use.

    Attributes:
        version: such as ``4.3.5``.
        path: the file of the library.
        addresses: functions by name: those that were asked for, and those of the tests.
    """

    version: str
    path: str
    addresses: dict[str, int]


class _Place(ctypes.Structure):
    """What dladdr says of an address (``Dl_info``)."""

    _fields_ = (
        ("file", ctypes.c_char_p),
        ("base", ctypes.c_void_p),
        ("symbol", ctypes.c_char_p),
        ("symbol_address", ctypes.c_void_p),
    )


def find_libzmq(names: Iterable[str] = ()) -> Libzmq:
    """Find the functions ``names``. Raises UnprovenError."""
    wanted = tuple(dict.fromkeys((*PROOF_NAMES, *PYZMQ_NAMES, *names)))
    if sys.platform == "win32":
        raise UnprovenError("pyzmq hides the functions of its libzmq on Windows")
    reason = "no loaded library has the functions of libzmq"
    for library in _libraries():
        if not _address(library, "zmq_version"):
            continue
        try:
            return prove({name: _address(library, name) for name in wanted})
        except UnprovenError as error:
            reason = str(error)
    raise UnprovenError(reason)


def prove(addresses: dict[str, int]) -> Libzmq:
    """Test that these functions are those of pyzmq's sockets. Raises UnprovenError."""
    missing = [name for name, address in addresses.items() if not address]
    if missing:
        raise UnprovenError(f"libzmq has no function {missing[0]}")
    if len({_place(address).base for address in addresses.values()}) != 1:
        raise UnprovenError("the functions of libzmq come from several libraries")
    version = _version(addresses["zmq_version"])
    if version != zmq.zmq_version():
        raise UnprovenError(f"pyzmq uses libzmq {zmq.zmq_version()}, but the functions found are those of {version}")
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context(io_threads=0)
    try:
        socket = context.socket(zmq.PAIR)
        _test_on_socket(addresses, socket)
        socket.close()
    finally:
        context.destroy(linger=0)
    path = _place(addresses["zmq_version"]).file or b""
    return Libzmq(version, os.path.realpath(os.fsdecode(path)), addresses)


def _test_on_socket(addresses: dict[str, int], socket: zmq.Socket[bytes]) -> None:
    # A socket of libzmq is an object of a C++ class with virtual functions, so its first word points into the library
    # that made it. Two libraries of one version give the same answers: only this tells them apart.
    first_word = ctypes.c_void_p.from_address(socket.underlying).value
    maker = _place(first_word or 0)
    library = _place(addresses["zmq_getsockopt"])
    if maker.base is not None and maker.base != library.base:
        raise UnprovenError(
            f"pyzmq uses {os.fsdecode(maker.file or b'')}, but the functions found are those of "
            f"{os.fsdecode(library.file or b'')}"
        )
    if _int_option(addresses, socket, zmq.TYPE) != socket.type:
        raise UnprovenError("libzmq does not know the type of a socket of pyzmq")
    if _int_option(addresses, socket, _INVALID_OPTION) is not None:
        raise UnprovenError("libzmq accepts an option that does not exist")
    if ctypes.CFUNCTYPE(ctypes.c_int)(addresses["zmq_errno"])() != zmq.EINVAL:
        raise UnprovenError("libzmq does not say why a call has failed")


def _libraries() -> Iterator[ctypes.CDLL]:
    """Where to look: all that the process shares, then the extensions of pyzmq with the libraries that they need."""
    yield ctypes.CDLL(None)
    endings = tuple(importlib.machinery.EXTENSION_SUFFIXES)
    for name in [name for name in sys.modules if name.startswith("zmq.backend.")]:
        file = getattr(sys.modules[name], "__file__", None) or ""
        if file.endswith(endings):
            yield ctypes.CDLL(file, mode=os.RTLD_NOW | os.RTLD_NOLOAD)


def _address(library: ctypes.CDLL, name: str) -> int:
    """The address of a function, 0 if the library has none of this name."""
    try:
        return ctypes.cast(getattr(library, name), ctypes.c_void_p).value or 0
    except AttributeError:
        return 0


def _place(address: int) -> _Place:
    """The library at an address; all fields are None if there is none."""
    place = _Place()
    _dladdr()(ctypes.c_void_p(address), ctypes.byref(place))
    return place


@cache
def _dladdr() -> Callable[..., int]:
    # Not at the import: Windows has no such function.
    function: Callable[..., int] = ctypes.CDLL(None).dladdr
    return function


def _version(address: int) -> str:
    numbers = [ctypes.c_int() for _ in range(3)]
    pointer = ctypes.POINTER(ctypes.c_int)
    ctypes.CFUNCTYPE(None, pointer, pointer, pointer)(address)(*(ctypes.byref(number) for number in numbers))
    return ".".join(str(number.value) for number in numbers)


def _int_option(addresses: dict[str, int], socket: zmq.Socket[bytes], option: int) -> int | None:
    """An option of a socket, read by these functions; None if they refuse."""
    value, size = ctypes.c_int(), ctypes.c_size_t(ctypes.sizeof(ctypes.c_int))
    get = ctypes.CFUNCTYPE(
        ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_size_t)
    )(addresses["zmq_getsockopt"])
    failed = get(socket.underlying, option, ctypes.byref(value), ctypes.byref(size))
    return None if failed else value.value
