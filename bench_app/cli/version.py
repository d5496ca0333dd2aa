"""``zmq-bench --version``: the version, the data plane that runs use, and the libzmq under it."""

from __future__ import annotations

import click

from bench_app import __version__
from bench_app.cli.console import echo
from bench_app.data_plane.choice import PlaneReport

VERSION_HELP = "Show the version, the data plane and libzmq."


def print_version(context: click.Context, _option: click.Parameter, is_asked_for: bool) -> None:
    """Print the versions and end the command."""
    if not is_asked_for:
        return
    # Only this option needs it. Other commands start sooner without it.
    from bench_app.data_plane.plane import active

    echo(format_version(active().report))
    context.exit()


def format_version(plane: PlaneReport) -> str:
    """The lines of ``--version``."""
    reason = f" ({plane.reason})" if plane.reason else ""
    path = f", {plane.libzmq_path}" if plane.libzmq_path else ""
    return "\n".join(
        [f"zmq-bench, version {__version__}", f"data plane: {plane.name}{reason}", f"libzmq: {plane.libzmq}{path}"]
    )
