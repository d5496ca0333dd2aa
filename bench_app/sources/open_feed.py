"""From a source in a preset to a feed: **spec** -> supply -> feed. The registry of source kinds is :data:`SUPPLIES`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bench_app.errors import SourceError
from bench_app.model import RecordedLoad, ReplaySource, SchemaSource, Source, SyntheticSource
from bench_app.sources.block_feed import BlockFeed
from bench_app.sources.feed import Feed
from bench_app.sources.supply import PoolSupply, Supply
from bench_app.sources.synthetic import make_pool

if TYPE_CHECKING:
    # A module that exists only where the data plane is compiled.
    from bench_app.data_plane.sending import Sender

Rendered = TypeVar("Rendered")


def open_feed(
    spec: Source,
    *,
    base_dir: Path,
    render: Callable[[bytes], Rendered],
    reserve: int,
    duration_ns: int,
    skip: int = 0,
    objects_only: bool = True,
    recorded_zero_ns: int | None = None,
    sink: str = "",
) -> Feed[Rendered]:
    """A feed whose first events are already rendered. Raises SourceError if the source has no events.

    ``render`` makes an event's JSON text ready to be sent, and adds ``reserve`` bytes. ``skip`` is the number of events
    that count as taken already. ``objects_only`` refuses an event that is not a JSON object or that has a ``_bench``
    key, because such an event cannot carry the stamp. ``recorded_zero_ns`` is the recorded time that is due at the
    start of a replay; None stands for the first time of its file. ``sink`` gets its own events of a replay that names
    the sink of each event.
    """
    supply = _open_supply(spec, base_dir, render, reserve, skip, objects_only, recorded_zero_ns, sink)
    return Feed(supply, spec.load, _seed(spec), duration_ns, skip)


def open_block_feed(
    spec: Source,
    *,
    sender: Sender,
    base_dir: Path,
    render: Callable[[bytes], bytearray],
    reserve: int,
    duration_ns: int,
    skip: int = 0,
    objects_only: bool = True,
    recorded_zero_ns: int | None = None,
    sink: str = "",
) -> BlockFeed:
    """The same as :func:`open_feed`, for a compiled sender."""
    supply = _open_supply(spec, base_dir, render, reserve, skip, objects_only, recorded_zero_ns, sink)
    return BlockFeed(supply, spec.load, _seed(spec), duration_ns, skip, sender)


def _open_supply(
    spec: Source,
    base_dir: Path,
    render: Callable[[bytes], Rendered],
    reserve: int,
    skip: int,
    objects_only: bool,
    recorded_zero_ns: int | None,
    sink: str,
) -> Supply[Rendered]:
    if not isinstance(spec, ReplaySource) and isinstance(spec.load, RecordedLoad):
        raise SourceError("made-up events have no recorded times; choose another load")
    supply: Supply[Rendered] = SUPPLIES[type(spec)](
        spec, base_dir, render, reserve, skip, objects_only, recorded_zero_ns, sink
    )
    return supply


def _seed(spec: Source) -> int:
    return 1 if isinstance(spec, ReplaySource) else spec.seed


def _synthetic(
    spec: SyntheticSource, base_dir: Path, render: Callable[[bytes], Rendered], reserve: int, skip: int, *_: object
) -> Supply[Rendered]:
    return PoolSupply(make_pool(spec, render, reserve), skip)


def _replay(
    spec: ReplaySource,
    base_dir: Path,
    render: Callable[[bytes], Rendered],
    reserve: int,
    skip: int,
    objects_only: bool,
    recorded_zero_ns: int | None,
    sink: str,
) -> Supply[Rendered]:
    # Imported for a replay alone: the formats need ijson, csv and gzip, and most runs make their events up.
    from bench_app.sources.replay import ReplaySupply

    return ReplaySupply(spec, base_dir, render, skip, objects_only, recorded_zero_ns, sink)


def _schema(
    spec: SchemaSource,
    base_dir: Path,
    render: Callable[[bytes], Rendered],
    reserve: int,
    skip: int,
    objects_only: bool,
    *_: object,
) -> Supply[Rendered]:
    # Imported for a schema alone, as few runs have one.
    from bench_app.sources.schema_source import make_schema_pool

    return PoolSupply(make_schema_pool(spec, base_dir, render, reserve, objects_only), skip)


SUPPLIES: dict[type, Callable[..., Supply[Any]]] = {
    SyntheticSource: _synthetic,
    ReplaySource: _replay,
    SchemaSource: _schema,
}
