"""The keys that a sweep can vary."""

from __future__ import annotations

from bench_ui.lab.varied_keys import usual_key, varied_keys

from bench_app.lab.trial import with_settings
from tests.bench_ui.lab.entries import HWM, RATE, document


def test_every_key_has_its_value_and_can_be_set_to_it() -> None:
    found = {key.path: key for key in varied_keys(document())}
    assert found[HWM].current == 1000 and found[HWM].unit == "messages" and found[HWM].is_whole
    assert found[RATE].current == 100 and not found[RATE].is_whole
    assert found["plane"].choices == ("compiled", "python")
    assert found["bench.listeners.h[0].delay_ms"].title.startswith("h / sub-1: ")
    assert not any(path.endswith(("socket_type", "duration_s")) for path in found)
    settings = [(key.path, key.current) for key in found.values() if key.path not in ("plane", "libzmq")]
    for path, value in settings:
        with_settings(document(), [(path, value)])


def test_keys_of_another_pattern_are_left_out() -> None:
    assert not any("request_timeout" in key.path for key in varied_keys(document()))


def test_the_high_water_mark_is_proposed() -> None:
    usual = usual_key(varied_keys(document()))
    assert usual is not None and usual.path == HWM
    assert usual_key([]) is None
