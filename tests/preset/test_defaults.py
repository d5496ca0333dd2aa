"""The parts that a preset leaves out are filled in."""

from __future__ import annotations

from bench_app.model import ConstantLoad, HandlerBench, ListenerSpec, MaxLoad, SyntheticSource
from bench_app.preset.defaults import bench_endpoint, handler_bench, listeners_of, sources_of
from bench_app.preset.documents import parse
from tests.preset.presets import pub_preset


def test_sources() -> None:
    given_source = {"kind": "synthetic", "load": {"shape": "max"}}
    raw = pub_preset(sources={"events": given_source})
    raw["output"]["handlers"]["req"]["enabled"] = False
    sources = sources_of(parse(raw, "test").preset)
    assert list(sources) == ["events", "tasks"]
    assert sources["events"] == SyntheticSource(load=MaxLoad())
    assert sources["tasks"].load == ConstantLoad(rate=1000)


def test_listeners() -> None:
    preset = parse(pub_preset(listeners={"push": [{}, {"name": "w", "topics": []}, {}]}), "test").preset
    assert listeners_of(preset, "pub") == (ListenerSpec(name="sub-1", topics=("a",)),)
    assert [one.name for one in listeners_of(preset, "push")] == ["pull-1", "w", "pull-3"]
    assert listeners_of(preset, "push")[1].topics == ()
    assert [one.name for one in listeners_of(preset, "req")] == ["rep-1"]


def test_listeners_of_a_handler_that_is_not_paired() -> None:
    raw = pub_preset(
        handlers={"pub": {"paired": False}, "req": {"paired": False}},
        listeners={"pub": [{}, {"endpoint": "tcp://127.0.0.1:7000"}], "push": []},
    )
    preset = parse(raw, "test").preset
    assert [one.name for one in listeners_of(preset, "pub")] == ["sub-2"]
    assert listeners_of(preset, "push") == ()
    assert listeners_of(preset, "req") == ()


def test_an_own_consumer_that_sends_receipts_is_a_listener_of_a_handler_that_is_not_paired() -> None:
    receipts = {"receipts": "tcp://127.0.0.1:5599"}
    raw = pub_preset(handlers={"push": {"paired": False}}, listeners={"push": [{}, receipts], "pub": [receipts]})
    preset = parse(raw, "test").preset
    assert [one.name for one in listeners_of(preset, "push")] == ["consumer-2"]
    assert [one.name for one in listeners_of(preset, "pub")] == ["consumer-1"]
    # The consumer is at the address of the preset, so the handler stays there.
    assert str(bench_endpoint(preset, "push")[0]) == "tcp://work-queue:5556"


def test_handler_bench() -> None:
    preset = parse(pub_preset(handlers={"pub": {"stamp": "off"}}), "test").preset
    assert handler_bench(preset, "pub") == HandlerBench(stamp="off")
    assert handler_bench(preset, "push") == HandlerBench()


def test_a_paired_handler_stays_on_loopback_even_without_listeners() -> None:
    raw = pub_preset(listeners={"push": []}, handlers={"req": {"paired": False}})
    preset = parse(raw, "test").preset
    places = {name: bench_endpoint(preset, name) for name in preset.output.handlers}
    assert {name: (str(endpoint), binds) for name, (endpoint, binds) in places.items()} == {
        "pub": ("tcp://127.0.0.1:5555", True),
        "push": ("tcp://127.0.0.1:5556", False),
        "req": ("ipc:///tmp/a.ipc", False),
    }


def test_a_handler_whose_listeners_have_their_own_endpoints_uses_its_own_address() -> None:
    raw = pub_preset(listeners={"push": [{"endpoint": "tcp://127.0.0.1:7000"}]})
    endpoint, binds = bench_endpoint(parse(raw, "test").preset, "push")
    assert (str(endpoint), binds) == ("tcp://work-queue:5556", False)
