"""The bars that plain libzmq in C sets for the bench: how both run the same load, and what is wanted of their ratio.

On both sides the sender binds, the receivers connect, all sockets have an HWM of 1,000, and a context has one I/O
thread. Both send a pool of 256 distinct messages. Each body has ``size`` bytes on the wire, the stamp of the bench
included. A handler and its listener are in different processes, as are sender and receiver of the C program; with
inproc both are threads of one process. Deliveries are counted that arrive while events are offered.

The bench runs with everything it measures: stamp, ledger, latencies, reports. The C program counts messages. Only where
latencies are compared, it also reads the clock.

Both wait for a due time in the same way, by default: they sleep on exact timers, for 15 us at least, and spin for the
rest only where the bench does, on a machine with processors to spare. A sender that waits otherwise is another load:
one that spins keeps its processor awake, and one that sleeps on grouped timers sends several events at once. Figures of
the C program that waits otherwise are printed beside it, without a limit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from bench_app.engine.worker.pacer import free_spin_ns
from benchmarks.bench_runs import Load, handlers, one_pair, subscribers, window
from benchmarks.plain_libzmq import Pace, Pattern, PlainFigures, PlainLibzmq, Transport
from benchmarks.side_by_side import Bar, Comparison, Figures, Limit

WARMUP_S = 0.5
SPINS = Pace(spin_us=60, has_exact_timers=True)
"""The pace of a C program that takes a whole processor to be on time. A sleep ends up to this late."""
SHORTEST_SLEEP_US = 15.0
"""That of the bench; see ``clock.pxd`` of its data plane."""
CPU_S = 6.0
"""The least seconds of a run whose processor time counts: workers report their processor time every second."""
CPU_RATE = 50_000.0
HANDLERS = 100
HANDLERS_RATE = 20_000.0
"""Events per second of all handlers together."""
SUBSCRIBERS = 32
SUBSCRIBERS_RATE = 1000.0
"""Events per second of the PUB."""
MAX: Load = {"shape": "max"}


@dataclass(frozen=True)
class Sides:
    """Both programs, and how long each run offers events."""

    plain: PlainLibzmq
    seconds: float

    @property
    def cpu_seconds(self) -> float:
        """How long a run offers events whose processor time counts."""
        return max(self.seconds, CPU_S)


def throughput(sides: Sides) -> list[Comparison]:
    """PUSH to PULL and PUB to SUB as fast as the receiver takes the events. PUB waits instead of dropping.

    The smaller the message, the more it matters what a program does besides sending and receiving. So the smallest one
    is also sent by a C program that reads the clock at both ends, which is the least that measuring takes.
    """
    wanted = {128: 0.75, 512: 0.85, 1024: 0.85, 4096: 0.95, 65_536: 0.95}
    cases: list[tuple[Transport, int, float]] = [("tcp", size, ratio) for size, ratio in wanted.items()]
    cases += [("ipc", size, ratio) for size, ratio in wanted.items()]
    cases += [("inproc", 512, 0.8)]
    found = [_push_rate(sides, transport, size, ratio) for transport, size, ratio in cases]
    bar = Bar("PUB to SUB, tcp, 512 B, no drops: events/s", _rate, Limit("at least", 0.8))
    found.append(Comparison(partial(_plain_pub_max, sides, 1), partial(subscribers, 1, MAX, sides.seconds), [bar]))
    return [*found, *(_measuring_push_rate(sides, transport, 128) for transport in ("tcp", "ipc"))]


def latency(sides: Sides) -> list[Comparison]:
    """One-way latency of PUSH to PULL over tcp at three rates, and how late the bench sends at the highest one."""
    rates = (1000.0, 20_000.0, 100_000.0)
    return [*(_one_way(sides, rate) for rate in rates), *(_one_way_spinning(sides, rate) for rate in rates)]


def requests(sides: Sides) -> list[Comparison]:
    """The round trip of REQ to REP over tcp."""
    return [
        Comparison(
            partial(_plain_latency, sides, "req", rate),
            partial(one_pair, "REQ", _load(rate), sides.seconds, warmup_s=WARMUP_S),
            [Bar(f"REQ to REP, tcp, 512 B, {title}: p50 us", _p50, Limit("at most", 1.15))],
        )
        for title, rate in (("full speed", 0.0), ("1,000/s", 1000.0))
    ]


def cpu(sides: Sides) -> list[Comparison]:
    """Processor time of PUSH to PULL over tcp at a rate that both carry with ease.

    A sender that is late sends several events at once, which costs less for each. So the lateness of both is printed,
    too, and the processor time of a C program that leaves its timers to the system, which is later.
    """

    def plain(pace: Pace) -> Figures:
        seconds = sides.cpu_seconds
        return _figures(sides.plain.run("push", rate=CPU_RATE, seconds=seconds, pace=pace, measures_latency=True))

    def bars(title: str, limit: Limit | None) -> list[Bar]:
        return [Bar(f"{title} CPU us/event", _cpu, limit), Bar(f"{title} lateness p99 us", _lateness, None)]

    title = f"PUSH to PULL, tcp, 512 B, {CPU_RATE:,.0f}/s:"
    bench = partial(one_pair, "PUSH", _load(CPU_RATE), sides.cpu_seconds)
    return [
        Comparison(lambda: plain(bench_pace()), bench, bars(title, Limit("at most", 1.3))),
        Comparison(lambda: plain(bench_pace()), lambda: plain(Pace()), bars("C against C with grouped timers:", None)),
    ]


def bench_pace() -> Pace:
    """How the bench would wait for a due time now."""
    return Pace(spin_us=free_spin_ns() / 1000, sleep_us=SHORTEST_SLEEP_US, has_exact_timers=True)


def many_handlers(sides: Sides) -> list[Comparison]:
    """One handler against many that share its rate, in the bench and in the C program."""
    title = f"{HANDLERS} PUSH, {HANDLERS_RATE:,.0f}/s in all: CPU us/event"
    return [
        Comparison(
            partial(handlers, 1, HANDLERS_RATE, sides.cpu_seconds),
            partial(handlers, HANDLERS, HANDLERS_RATE, sides.cpu_seconds),
            [Bar(f"bench, 1 against {title}", _cpu, Limit("at most", 1.5))],
        ),
        Comparison(
            partial(_plain_channels, sides, 1),
            partial(_plain_channels, sides, HANDLERS),
            [Bar(f"C, 1 against {title}", _cpu, None)],
        ),
    ]


def fan_out(sides: Sides) -> list[Comparison]:
    """One SUB against many on one PUB over tcp, in the bench and in the C program."""
    paced = f"1 against {SUBSCRIBERS} SUB, {SUBSCRIBERS_RATE:,.0f}/s each: CPU us/delivery"
    fast = f"1 against {SUBSCRIBERS} SUB, full speed, no drops: deliveries/s"
    load, seconds = _load(SUBSCRIBERS_RATE), sides.cpu_seconds

    def plain(receivers: int) -> Figures:
        return _figures(sides.plain.run("pub", rate=SUBSCRIBERS_RATE, receivers=receivers, seconds=seconds))

    return [
        Comparison(
            partial(subscribers, 1, load, seconds),
            partial(subscribers, SUBSCRIBERS, load, seconds),
            [Bar(f"bench, {paced}", _cpu, Limit("at most", 1.0))],
        ),
        Comparison(partial(plain, 1), partial(plain, SUBSCRIBERS), [Bar(f"C, {paced}", _cpu, None)]),
        Comparison(
            partial(subscribers, 1, MAX, sides.seconds),
            partial(subscribers, SUBSCRIBERS, MAX, sides.seconds),
            [Bar(f"bench, {fast}", _rate, Limit("at least", 1.0))],
        ),
        Comparison(
            partial(_plain_pub_max, sides, 1),
            partial(_plain_pub_max, sides, SUBSCRIBERS),
            [Bar(f"C, {fast}", _rate, None)],
        ),
    ]


def in_window(sides: Sides) -> list[Comparison]:
    """The same run at full speed in the terminal and in the window."""
    bars = [
        Bar("PUSH to PULL, tcp, 128 B, window open: events/s", _rate, Limit("at least", 0.9)),
        Bar("loop lag of the window meanwhile: p99 ms", _lag, Limit("at most", 16, of="figure")),
    ]
    return [Comparison(partial(one_pair, "PUSH", MAX, sides.seconds, size=128), partial(window, size=128), bars)]


PARTS: dict[str, tuple[tuple[str, str], Callable[[Sides], list[Comparison]]]] = {
    "throughput": (("C", "bench"), throughput),
    "latency": (("C", "bench"), latency),
    "requests": (("C", "bench"), requests),
    "cpu": (("C", "bench"), cpu),
    "handlers": (("one", "many"), many_handlers),
    "fanout": (("one", "many"), fan_out),
    "window": (("terminal", "window"), in_window),
}
"""The headings of the two columns, and what makes the comparisons, by the name of the part."""


def _push_rate(sides: Sides, transport: Transport, size: int, ratio: float) -> Comparison:
    bar = Bar(f"PUSH to PULL, {transport}, {size:,} B: events/s", _rate, Limit("at least", ratio))
    bench = partial(one_pair, "PUSH", MAX, sides.seconds, transport=transport, size=size)
    return Comparison(partial(_plain_push_max, sides, transport, size), bench, [bar])


def _measuring_push_rate(sides: Sides, transport: Transport, size: int) -> Comparison:
    bar = Bar(f"C against C that reads the clock, {transport}, {size:,} B: events/s", _rate, None)
    plain = partial(_plain_push_max, sides, transport, size)
    return Comparison(plain, partial(plain, measures_latency=True), [bar])


def _plain_push_max(sides: Sides, transport: Transport, size: int, measures_latency: bool = False) -> Figures:
    return _figures(
        sides.plain.run(
            "push", transport=transport, size=size, seconds=sides.seconds, measures_latency=measures_latency
        )
    )


def _one_way(sides: Sides, rate: float) -> Comparison:
    title = f"PUSH to PULL, tcp, 512 B, {rate:,.0f}/s:"
    bars = [Bar(f"{title} one-way p50 us", _p50, Limit("at most", 1.1))]
    if rate == 100_000:
        bars.append(Bar(f"{title} one-way p99 us", _p99, Limit("at most", 2.0)))
        bars.append(Bar(f"{title} lateness p99 us", _lateness, Limit("at most", 100, of="figure")))
    bench = partial(one_pair, "PUSH", _load(rate), sides.seconds, warmup_s=WARMUP_S)
    return Comparison(partial(_plain_latency, sides, "push", rate), bench, bars)


def _one_way_spinning(sides: Sides, rate: float) -> Comparison:
    title = f"C against C that spins, {rate:,.0f}/s: one-way p50 us"
    spinning = partial(_plain_latency, sides, "push", rate, SPINS)
    return Comparison(partial(_plain_latency, sides, "push", rate), spinning, [Bar(title, _p50, None)])


def _plain_latency(sides: Sides, pattern: Pattern, rate: float, pace: Pace | None = None) -> Figures:
    return _figures(
        sides.plain.run(
            pattern,
            rate=rate,
            seconds=sides.seconds,
            warmup_s=WARMUP_S,
            pace=pace or bench_pace(),
            measures_latency=True,
        )
    )


def _plain_channels(sides: Sides, channels: int) -> Figures:
    run = sides.plain.run("push", rate=HANDLERS_RATE / channels, channels=channels, seconds=sides.cpu_seconds)
    return _figures(run)


def _plain_pub_max(sides: Sides, receivers: int) -> Figures:
    return _figures(sides.plain.run("pub", receivers=receivers, no_drop=True, seconds=sides.seconds))


def _figures(run: PlainFigures) -> Figures:
    return Figures(
        rate=run.rate,
        p50_us=run.p50_us,
        p99_us=run.p99_us,
        lateness_p99_us=run.lateness_p99_us,
        cpu_us=run.cpu_s * 1e6 / max(1, run.messages),
    )


def _load(rate: float) -> Load:
    return {"shape": "constant", "rate": rate} if rate else MAX


def _rate(figures: Figures) -> float:
    return figures.rate


def _p50(figures: Figures) -> float:
    return figures.p50_us


def _p99(figures: Figures) -> float:
    return figures.p99_us


def _lateness(figures: Figures) -> float:
    return figures.lateness_p99_us


def _cpu(figures: Figures) -> float:
    return figures.cpu_us


def _lag(figures: Figures) -> float:
    return figures.lag_p99_ms
