"""The captions of a demo so far, and which of them is shown: steps of a run -> **story** -> caption bar. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Story:
    """The captions that have come. A run cannot go back, but its captions can be read again.

    Attributes:
        total: how many captions the demo has.
        captions: those that have come, oldest first.
        place: which one is shown, from 0; -1 before the first.
    """

    total: int = 0
    captions: list[str] = field(default_factory=list)
    place: int = -1

    def add(self, caption: str) -> None:
        """A step has come: its caption is shown, also if an earlier one was read again."""
        self.captions.append(caption)
        self.place = len(self.captions) - 1

    def back(self) -> None:
        """Show the caption before."""
        self.place = max(min(0, len(self.captions) - 1), self.place - 1)

    def forward(self) -> bool:
        """Show the caption after; False if the newest is shown, so that the run has to go on."""
        if self.place + 1 >= len(self.captions):
            return False
        self.place += 1
        return True

    @property
    def caption(self) -> str:
        """The caption that is shown; "" before the first."""
        return self.captions[self.place] if self.place >= 0 else ""

    @property
    def progress(self) -> str:
        """Which caption is shown, of how many; "" without captions."""
        return f"{self.place + 1} of {self.total}" if self.total and self.place >= 0 else ""
