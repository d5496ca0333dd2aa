from __future__ import annotations

import signal
import threading

import pytest

from bench_app.system.signals import CaughtSignals, held_signals

ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@pytest.fixture(params=ENDING, ids=lambda number: number.name)
def number(request: pytest.FixtureRequest) -> object:
    """A signal that raises KeyboardInterrupt, as in a command."""
    before = signal.signal(request.param, signal.default_int_handler)
    yield request.param
    signal.signal(request.param, before)


def test_a_signal_acts_at_the_end_of_the_context(number: signal.Signals) -> None:
    steps: list[str] = []
    with pytest.raises(KeyboardInterrupt), held_signals():
        signal.raise_signal(number)
        steps.append("set up")
    assert steps == ["set up"]
    assert signal.getsignal(number) is signal.default_int_handler


def test_several_signals_act_once(number: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt), held_signals():
        signal.raise_signal(number)
        signal.raise_signal(number)


def test_an_error_inside_is_not_replaced(number: signal.Signals) -> None:
    with pytest.raises(ValueError, match="inside"), held_signals():
        signal.raise_signal(number)
        raise ValueError("inside")
    assert signal.getsignal(number) is signal.default_int_handler


def test_without_a_signal_nothing_happens(number: signal.Signals) -> None:
    with held_signals():
        pass
    assert signal.getsignal(number) is signal.default_int_handler


def test_a_signal_that_python_does_not_handle_is_left_alone() -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with held_signals():
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)


def test_another_thread_may_use_it() -> None:
    entered: list[bool] = []

    def use() -> None:
        with held_signals():
            entered.append(True)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert entered == [True]


def test_caught_signals_wait_until_somebody_takes_them(number: signal.Signals) -> None:
    taken: list[str] = []
    with CaughtSignals() as caught:
        signal.raise_signal(number)
        signal.raise_signal(number)
        assert (caught.waiting, taken) == (2, [])
        caught.pass_to(lambda: taken.append("earlier" if len(taken) < 2 else "now"))
        signal.raise_signal(number)
        assert (caught.waiting, taken) == (0, ["earlier", "earlier", "now"])
        caught.pass_to(None)
        signal.raise_signal(number)
        assert (caught.waiting, len(taken)) == (1, 3)
    assert signal.getsignal(number) is signal.default_int_handler


def test_a_receiver_may_raise(number: signal.Signals) -> None:
    def refuse() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), CaughtSignals() as caught:
        caught.pass_to(refuse)
        signal.raise_signal(number)
    assert signal.getsignal(number) is signal.default_int_handler


def test_when_the_process_is_about_to_end_further_signals_do_nothing(number: signal.Signals) -> None:
    others = {other: signal.getsignal(other) for other in ENDING}
    with CaughtSignals() as caught:
        caught.ignore_rest()
        signal.raise_signal(number)
    signal.raise_signal(number)
    assert signal.getsignal(number) is signal.SIG_IGN
    for other, handler in others.items():
        signal.signal(other, handler)


def test_an_ignored_signal_is_not_caught() -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with CaughtSignals() as caught:
            signal.raise_signal(signal.SIGTERM)
            assert caught.waiting == 0
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)
