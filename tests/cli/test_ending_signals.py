"""SIGTERM and SIGHUP as Ctrl+C, only while a command runs."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from bench_app.cli.ending_signals import ended_by_signals


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_interrupts(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), ended_by_signals():
        os.kill(os.getpid(), number)
        signal.pause()
    assert signal.getsignal(number) == before


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ended_by_signals():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) is signal.default_int_handler
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer that sends a signal")
def test_a_signal_that_does_not_interrupt_a_blocking_call_acts_soon_after() -> None:
    """Another thread takes the signal, so that it does not interrupt the call, as one that comes just before it."""

    def send() -> None:
        time.sleep(0.1)
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGALRM)
    thread = threading.Thread(target=send)
    begin_s = time.monotonic()
    with pytest.raises(KeyboardInterrupt), ended_by_signals():
        thread.start()
        threading.Event().wait(600)
    thread.join()
    assert time.monotonic() - begin_s < 300
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
