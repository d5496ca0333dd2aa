"""What was read of a capture, and what was not: connections -> **lines** -> terminal. Pure."""

from __future__ import annotations

from bench_app.captures.connections import Connection, Connections, Direction


def connection_lines(connections: Connections) -> list[str]:
    """A line for each connection of ZMTP, each with lines about what could not be read."""
    found = [connection for connection in connections.all if connection.is_zmtp]
    lines = [line for connection in found for line in _lines_of(connection)]
    late = [one for one in connections.all if not one.is_zmtp and any(d.decoder.failure for d in one.directions)]
    if late:
        lines.append(
            f"{_plural(len(late), 'other TCP connection')} without a greeting of ZMTP 3: another protocol, or begun "
            "before the capture"
        )
    if not found:
        lines.append(f"no connection of ZMTP 3 in {_plural(connections.packets, 'packet')}")
    return lines


def _lines_of(connection: Connection) -> list[str]:
    first = connection.directions[0]
    kinds = [one.decoder.socket_type or "?" for one in connection.directions]
    versions = sorted({one.decoder.version for one in connection.directions if one.decoder.version})
    mechanism = next((one.decoder.mechanism for one in connection.directions if one.decoder.mechanism), "")
    kind = f" ({' to '.join(kinds)})" if len(kinds) > 1 else ""
    lines = [
        f"connection {connection.number}: {first.source} to {first.target}{kind}, ZMTP {'/'.join(versions)} {mechanism}"
    ]
    for direction in connection.directions:
        lines += [f"  {direction.source}: {text}" for text in _facts_of(direction)]
    return lines


def _facts_of(direction: Direction) -> list[str]:
    decoder = direction.decoder
    facts = [_plural(direction.messages, "message")] if direction.messages else []
    if decoder.subscriptions:
        facts.append(_plural(decoder.subscriptions, "subscription"))
    if decoder.encrypted:
        facts.append(
            f"{_plural(decoder.encrypted, 'message')} encrypted with {decoder.mechanism}, which cannot be read"
        )
    if direction.missing:
        facts.append(f"{_plural(direction.missing, 'byte')} not captured (lost segments)")
    if decoder.broken:
        facts.append(f"{_plural(decoder.broken, 'message')} incomplete for this reason")
    if decoder.too_long:
        facts.append(f"{_plural(decoder.too_long, 'message')} too long")
    if decoder.failure:
        facts.append(f"{_plural(decoder.undecoded, 'byte')} not decoded: {decoder.failure}")
    return facts


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
