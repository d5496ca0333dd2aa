"""The template of workers: request -> **fork** -> a worker that has loaded already, and waits for its set-up.

The process has loaded the worker, and does nothing else. It has one thread and no socket of ZeroMQ, so it may fork.
The messages between it and its owner are in :mod:`bench_app.engine.control.fork_messages`.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import socket
import struct
import traceback
from collections.abc import Callable

import msgspec

from bench_app.engine.control.fork_messages import EXIT_CODE, MOST_BYTES, Forked, ForkWorker
from bench_app.untrusted.json_reader import JsonReader

_PR_SET_PDEATHSIG = 1
_FIRST_DESCRIPTOR = 3
_REQUESTS = JsonReader(ForkWorker)


class Template:
    """Forks workers until its owner closes the socket, and stays until the last of them has ended.

    ``serve``: what a worker does; it does not return.
    """

    def __init__(self, owner: socket.socket, serve: Callable[[], None]) -> None:
        self._owner = owner
        self._serve = serve
        self._poll = select.poll()
        self._children: dict[int, tuple[int, int]] = {}
        """By the descriptor of a child's process: its number, and the descriptor that takes its exit code."""

    def run(self) -> None:
        """Say that the worker is loaded, and fork on request."""
        self._owner.send(msgspec.json.encode(Forked()))
        self._poll.register(self._owner, select.POLLIN)
        has_owner = True
        # A worker without its owner ends by itself, and removes the folder of its run before. So it is not killed.
        while has_owner or self._children:
            for descriptor, _ in self._poll.poll():
                if descriptor in self._children:
                    self._reap(descriptor)
                else:
                    has_owner = self._answer()
                    if not has_owner:
                        self._poll.unregister(self._owner)

    def _answer(self) -> bool:
        """Fork a worker; returns False if the owner has gone."""
        try:
            data, descriptors, _, _ = socket.recv_fds(self._owner, MOST_BYTES, 2)
        except ConnectionError:
            return False
        if not data:
            return False
        request = _REQUESTS.read(data)
        try:
            answer, given = self._fork(request, *descriptors)
        except OSError as error:
            answer, given = Forked(error=error.strerror or str(error)), []
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        try:
            socket.send_fds(self._owner, [msgspec.json.encode(answer)], given)
        except OSError:
            return False
        finally:
            if given:
                # The descriptor of the process stays: it tells when the worker has ended.
                os.close(given[1])
        return True

    def _fork(self, request: ForkWorker, standard_input: int, errors: int) -> tuple[Forked, list[int]]:
        exit_code, for_exit_code = os.pipe()
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError:
            os.close(exit_code)
            os.close(for_exit_code)
            raise
        if pid == 0:
            self._become_worker(request, parent, standard_input, errors)
        process = os.pidfd_open(pid)
        self._children[process] = (pid, for_exit_code)
        self._poll.register(process, select.POLLIN)
        return Forked(pid=pid), [process, exit_code]

    def _become_worker(self, request: ForkWorker, parent: int, standard_input: int, errors: int) -> None:
        """In the new process: take what belongs to a worker, give up the rest, and serve."""
        try:
            # Its exit code reaches the owner through the template alone.
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(1)
            os.setsid()
            os.dup2(standard_input, 0)
            os.dup2(errors, 2)
            self._owner.detach()
            os.closerange(_FIRST_DESCRIPTOR, os.sysconf("SC_OPEN_MAX"))
            os.environ.clear()
            os.environ.update(request.environment)
            os.chdir(request.directory)
            self._serve()
        except Exception:  # noqa: BLE001 (a process of its own: nobody else could say it)
            traceback.print_exc()
        finally:
            # Whatever it was: no worker goes on as a second template.
            os._exit(1)

    def _reap(self, process: int) -> None:
        """A worker has ended: tell its owner how."""
        pid, for_exit_code = self._children.pop(process)
        self._poll.unregister(process)
        _, status = os.waitpid(pid, 0)
        # The owner may have gone, or may not care.
        try:
            os.write(for_exit_code, struct.pack(EXIT_CODE, os.waitstatus_to_exitcode(status)))
        except BrokenPipeError:
            pass
        finally:
            os.close(for_exit_code)
            os.close(process)


def run_template(descriptor: int, serve: Callable[[], None]) -> None:
    """Be a template of workers that do ``serve``; the socket to the owner is ``descriptor``."""
    # A system without descriptors of processes gets no template: it ends here, before it has said that it is loaded.
    os.close(os.pidfd_open(os.getpid()))
    Template(socket.socket(fileno=descriptor), serve).run()
