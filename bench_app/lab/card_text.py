"""A card of a link in words: card -> **name and text of each figure** -> terminal, report. Pure."""

from __future__ import annotations

from bench_app.capacity.figures import format_rate
from bench_app.lab.card import Card, Figure, Harm, format_loss


def card_lines(card: Card) -> list[tuple[str, str]]:
    """Each figure by its name, in the order of the card. A figure that is missing has its reason."""
    if card.rate is None:
        lines = [("rate without loss", f"no result: {card.found.reason}")]
        if card.base_rate is not None:
            lines.append(("100 % below", f"{format_rate(card.base_rate)}/s, the highest rate of the bench"))
    else:
        lines = [("rate without loss", f"{format_rate(card.rate)}/s, then {card.found.limited_by}")]
    for point in card.loss_curve or ():
        lines.append((f"loss at {100 * point.share:.0f} %", f"{format_loss(point)} ({format_rate(point.rate)}/s)"))
    for one in card.latency or ():
        shown = "no valid run" if one.service_p99_us is None else f"service p99 {one.service_p99_us / 1000:,.3g} ms"
        lines.append((f"latency at {100 * one.share:.0f} %", shown))
    for name, figure, unit in (
        ("longest burst", card.burst, "events"),
        ("recovery after overload", card.recovery_s, "s"),
        ("after a peer's restart", card.restart_s, "s"),
    ):
        if figure is not None:
            lines.append((name, _figure_text(figure, unit)))
    if card.harm is not None:
        lines.append(("harm of a slow subscriber", _harm_text(card.harm)))
    if card.fairness is not None:
        fair = card.fairness
        text = f"- ({fair.reason})" if fair.jain is None else f"{fair.min:,} to {fair.max:,}, Jain {fair.jain:.3f}"
        lines.append(("fairness among workers", text))
    return lines


def _figure_text(figure: Figure, unit: str) -> str:
    return f"- ({figure.reason})" if figure.value is None else f"{format_rate(figure.value)} {unit}"


def _harm_text(harm: Harm) -> str:
    if harm.p99_us is None or harm.with_slow_p99_us is None:
        return f"- ({harm.reason})"
    before, after = harm.p99_us / 1000, harm.with_slow_p99_us / 1000
    return f"p99 of the others {before:,.3g} -> {after:,.3g} ms, {harm.lost:,} lost"
