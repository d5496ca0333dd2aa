"""The table of the causes of loss, made from the bench's own table of causes."""

from __future__ import annotations

import re

from bench_app.measure.loss_causes import LOSS_CAUSES_BY_STAGE, LossCause
from bench_app.model import PATTERNS, HandlerConfig
from bench_reference.markdown import code, table


def loss_causes() -> str:
    """Every cause in the order in which an event meets them on its way."""
    rows = [
        [
            cause.stage.name.lower().replace("_", " "),
            cause.label,
            code(cause.key),
            what_happened(cause),
            _socket_types(cause),
        ]
        for cause in LOSS_CAUSES_BY_STAGE
    ]
    return table(("lost at", "column", "counted as", "what happened", "handlers"), rows)


def what_happened(cause: LossCause) -> str:
    """The tooltip of a cause as Markdown: keys of a preset become code."""
    keys = "|".join(HandlerConfig.__struct_fields__)
    return re.sub(rf"\b({keys})\b", r"`\1`", cause.tooltip.removesuffix("."))


def _socket_types(cause: LossCause) -> str:
    concerned = [socket_type for socket_type in PATTERNS if cause.concerns(socket_type)]
    return "all" if len(concerned) == len(PATTERNS) else ", ".join(concerned)
