"""A card and a recommendation, made up."""

from __future__ import annotations

from bench_app.lab.card import Card, CurvePoint, Fairness, Figure, Harm, LatencyPoint
from bench_app.lab.find import FoundRate
from bench_app.lab.hwm import HalfProof, HwmResult, Proof

CARD = Card(
    preset="p",
    handler="h",
    found=FoundRate(loss=0.0, rate=5000.0, limited_by="lost"),
    rate=5000.0,
    loss_curve=[CurvePoint(1.5, 7500.0, 0.33, "lost"), CurvePoint(1.0, 5000.0, None, "")],
    latency=[LatencyPoint(0.5, 2500.0, 100.0, 1500.0, 1600.0), LatencyPoint(0.9, 4500.0, None, None, None)],
    burst=Figure(None, "a high-water mark of 0 is no limit"),
    recovery_s=Figure(0.25),
    restart_s=Figure(1.5),
    harm=Harm(200.0, 300.0, 0),
    fairness=Fairness(None, None, None, "there is only one worker"),
)
RECOMMENDATION = HwmResult(
    preset="p",
    handler="h",
    recommended={"output.handlers.h.config.high_water_mark": 300},
    reason="This waits. So 300 hold it.",
    backlog=300,
    stall_s=0.3,
    burst=1000,
    capacity=1002,
    step=5,
    memory_bytes=600_000,
    oldest_s=0.6,
    proof=Proof(20, 0, HalfProof(20, 20)),
    notes=["a note"],
)
