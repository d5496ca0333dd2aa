"""The files of each work of the lab, kept beside the runs: question, preset -> **work folder** -> command, list.

A work has a folder with its preset, its journal, its question and, once it has ended, its result. The name of the
folder follows from preset and question. So the same question after a crash finds the journal, and goes on where it was.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec

from bench_app.errors import BenchError
from bench_app.lab.journal import fingerprint
from bench_app.preset import documents
from bench_app.preset.documents import Document
from bench_app.system.files import write_out
from bench_app.untrusted.json_reader import BadJsonError, JsonReader
from bench_ui.lab.question import Question

QUESTION_FILE = "question.json"
MOST_WORKS = 100
"""When a work begins, the oldest works above this number are deleted."""


class _Kept(msgspec.Struct, frozen=True):
    question: Question
    preset: str
    started_at: str


_KEPT: JsonReader[_Kept] = JsonReader(_Kept)


class LabWork(msgspec.Struct, frozen=True):
    """One work: a question about a preset, and where its files are.

    Attributes:
        folder: the folder of its files.
        question: what was asked.
        preset: the name of the preset.
        started_at: when it was begun, in ISO 8601.
    """

    folder: Path
    question: Question
    preset: str
    started_at: str

    @property
    def preset_file(self) -> Path:
        """The preset as it was when the work began."""
        return self.folder / "preset" / f"{self.preset}.json"

    @property
    def journal(self) -> Path:
        """What was measured so far."""
        return self.folder / "journal.jsonl"

    @property
    def result(self) -> Path:
        """The result of a work that has ended."""
        return self.folder / "result.json"

    @property
    def is_finished(self) -> bool:
        """Whether the work has its result."""
        return self.result.exists()


class WorkFolder:
    """All works. The methods block, so call them in a thread; they raise BenchError if files cannot be used.

    Attributes:
        root: the folder that has a folder for each work.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def prepare(self, document: Document, question: Question) -> LabWork:
        """The work of a question: one that was begun and not finished, or a new one."""
        name = document.name.replace("/", "-").replace("\0", "")[:100] or "preset"
        mark = fingerprint(
            {"preset": document.raw, "folder": str(document.base_dir), "question": msgspec.to_builtins(question)}
        )
        folder = self.root / f"{question.command}-{mark}"
        started = datetime.now().astimezone().isoformat(timespec="seconds")
        work = LabWork(folder, question, name, started)
        try:
            if work.is_finished:
                shutil.rmtree(folder)
            if (begun := _read(folder)) is not None:
                return begun
            work.preset_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            documents.save(document, work.preset_file)
            write_out(folder / QUESTION_FILE, msgspec.json.encode(_Kept(question, name, started)))
            self._drop_oldest()
        except OSError as error:
            raise BenchError(f"{folder} cannot be used: {error.strerror or error}") from error
        return work

    def all(self) -> list[LabWork]:
        """All works, the newest first."""
        with suppress(OSError):
            found = [work for folder in self.root.iterdir() if (work := _read(folder)) is not None]
            return sorted(found, key=lambda work: work.started_at, reverse=True)
        return []

    def delete(self, work: LabWork) -> None:
        """Delete the files of a work."""
        shutil.rmtree(work.folder, ignore_errors=True)

    def _drop_oldest(self) -> None:
        for work in self.all()[MOST_WORKS:]:
            self.delete(work)


def _read(folder: Path) -> LabWork | None:
    """The work of a folder; None if it has none."""
    try:
        kept = _KEPT.read((folder / QUESTION_FILE).read_bytes())
    except (OSError, BadJsonError):
        return None
    return LabWork(folder, kept.question, kept.preset, kept.started_at)
