"""What the user asks the lab, as a command of ``zmq-bench``: form -> **question** -> command. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

CommandName = Literal["sweep", "find", "hwm", "ab"]
TREND = "trend"
"""The name of the tab of the trend, which has no command."""
TITLES: dict[CommandName, str] = {
    "sweep": "Sweep",
    "find": "What does it carry?",
    "hwm": "Which high-water mark?",
    "ab": "A/B",
}


class Question(msgspec.Struct, frozen=True):
    """A command of the lab and its options. The preset stands apart, because it is written to a file of its own.

    Attributes:
        command: the name of the command.
        options: the options as on the command line, each name followed by its value.
    """

    command: CommandName
    options: list[str] = []

    def values(self, option: str) -> list[str]:
        """The values of an option, in the order of the command line."""
        return [value for name, value in zip(self.options[::2], self.options[1::2], strict=False) if name == option]

    @property
    def summary(self) -> str:
        """What is asked for in a few words, for a list of works."""
        keys = [text.partition("=")[0].rpartition(".")[2] for text in self.values("--vary")]
        sides = [text.rpartition(".")[2] for text in (*self.values("--a"), *self.values("--b"))]
        goals = [*(f"loss {text}" for text in self.values("--loss")), *self.values("--goal")]
        return ", ".join((*keys, *sides, *goals))

    def number(self, option: str, usual: float) -> float:
        """The number that an option has, or ``usual`` if it is left out."""
        found = self.values(option)
        return float(found[-1]) if found else usual
