"""Which fields a form shows: what the user searches for -> **row filter** -> forms."""

from __future__ import annotations

from dataclasses import dataclass

from bench_ui.forms.row import Row


@dataclass(frozen=True)
class RowFilter:
    """Chooses fields by what the user typed, and by whether their values are the defaults.

    Attributes:
        text: the words that a field must have, in its label, name, help, value or group.
        only_changed: leave out fields whose value is the default.
    """

    text: str = ""
    only_changed: bool = False

    @property
    def is_active(self) -> bool:
        """False if every field is shown."""
        return bool(self.text.strip()) or self.only_changed

    def shows(self, row: Row, group: str) -> bool:
        """Whether a field of a group is shown."""
        if self.only_changed and not row.differs_from_default:
            return False
        field = row.field
        searched = f"{field.label} {field.name} {field.description} {row.value} {group}".casefold()
        return all(word in searched for word in self.text.casefold().split())


SHOW_ALL = RowFilter()
