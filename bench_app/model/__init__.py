"""The specs that a preset is made of, their keys, and the validation of values. Pure data, no sockets."""

from bench_app.model.handler import Framing, HandlerBench, HandlerConfig, HandlerSpec, Mode, StampMode
from bench_app.model.listener import ListenerSpec
from bench_app.model.load import (
    BurstLoad,
    ConstantLoad,
    Load,
    MaxLoad,
    PoissonLoad,
    RampLoad,
    RecordedLoad,
    SineLoad,
    StepsLoad,
)
from bench_app.model.patterns import PATTERNS, Delivery, ListenerType, Pattern, SocketType, pattern_of
from bench_app.model.preset import BenchSpec, OutputSpec, Preset, SocketKeys
from bench_app.model.source import (
    ChoiceSize,
    EventKind,
    EventSize,
    LognormalSize,
    ReplaySource,
    SizeDistribution,
    Source,
    SyntheticSource,
    UniformSize,
)
from bench_app.model.spec import Count, Name, Rate, Seconds, Share, Spec, Timeout

__all__ = [
    "PATTERNS",
    "BenchSpec",
    "BurstLoad",
    "ChoiceSize",
    "ConstantLoad",
    "Count",
    "Delivery",
    "EventKind",
    "EventSize",
    "Framing",
    "HandlerBench",
    "HandlerConfig",
    "HandlerSpec",
    "ListenerSpec",
    "ListenerType",
    "Load",
    "LognormalSize",
    "MaxLoad",
    "Mode",
    "Name",
    "OutputSpec",
    "Pattern",
    "PoissonLoad",
    "Preset",
    "RampLoad",
    "Rate",
    "RecordedLoad",
    "ReplaySource",
    "Seconds",
    "Share",
    "SineLoad",
    "SizeDistribution",
    "SocketKeys",
    "SocketType",
    "Source",
    "Spec",
    "StampMode",
    "StepsLoad",
    "SyntheticSource",
    "Timeout",
    "UniformSize",
    "pattern_of",
]
