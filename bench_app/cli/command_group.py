"""The group of all commands. Its bare form, ``zmq-bench [PRESET]``, opens the window."""

from __future__ import annotations

from typing import Any

import click

from bench_app.cli.log_options import move_behind_command


class ReaderGoneError(Exception):
    """The reader of the output (`| head`) is gone.

    click turns a BrokenPipeError into exit code 1, which means "a check failed" in this program. This error passes
    through click, so that ``main`` chooses the exit code.
    """


class DefaultCommandGroup(click.Group):
    """A group whose bare form, ``zmq-bench [PRESET] [options]``, runs the command ``open``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``open`` before arguments that name no command."""
        own = {"--help", "--version"}
        args = move_behind_command(args, list(self.commands))
        if not args or (args[0] not in self.commands and args[0] not in own):
            self._refuse_unknown(ctx, args)
            args = ["open", *args]
        return super().parse_args(ctx, args)

    def _refuse_unknown(self, ctx: click.Context, args: list[str]) -> None:
        """Refuse a first word that is neither a command nor a preset, and suggest a similar name."""
        if not args or args[0].startswith("-"):
            return
        # Imported here, because a command whose name is right needs neither.
        from bench_app.model.validation import did_you_mean
        from bench_app.preset import documents

        if documents.exists(args[0]):
            return
        commands = [name for name, command in self.commands.items() if not command.hidden]
        names = [name for name, _ in documents.shipped()]
        # `WORD PRESET` can only mean a command; `WORD` alone could also be a misspelt preset.
        followed = len(args) > 1 and not args[1].startswith("-")
        hint = did_you_mean(args[0], commands if followed else [*commands, *names], cutoff=0.5)
        if followed:
            raise click.UsageError(f'no command "{args[0]}"{hint or "; there are " + ", ".join(commands)}', ctx)
        raise click.UsageError(
            f'"{args[0]}" is no command, and neither a file nor the name of a preset that ships{hint}', ctx
        )

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a closed pipe leaves click as ReaderGoneError."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ReaderGoneError from error
