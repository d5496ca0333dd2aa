"""The spool of a recording whose processes were killed: spool -> **import** -> recording."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec

from bench_app.errors import BenchError, InputError
from bench_app.recording.recorder import refuse_bad_file
from bench_app.recording.writer import SETUP, SETUP_NAME, Writer, lock_spool
from bench_app.untrusted.json_reader import BadJsonError


def import_spool(folder: Path, output: Path) -> int:
    """Write the messages that are left in a spool to ``output``, and remove the spool; returns how many there are.

    Up to a block of messages may be in the file of the recording, too. Raises :class:`InputError` if the folder is no
    spool or is in use, and BenchError if the messages cannot be written: then the spool stays.
    """
    refuse_bad_file(output)
    try:
        setup = SETUP.read((folder / SETUP_NAME).read_bytes())
        lock = lock_spool(folder)
    except (FileNotFoundError, BadJsonError):
        raise InputError(f"{folder} is a folder, and not one in which a recording was made") from None
    except BlockingIOError:
        raise InputError(f"{folder} is in use: its recording is under way, or is being completed") from None
    except OSError as error:
        raise InputError(f"{folder} cannot be read: {error.strerror or error}") from error
    with lock:
        writer = Writer(msgspec.structs.replace(setup, folder=str(folder), path=str(output), max_bytes=0, max_s=0.0))
        writer.drain()
        writer.rotation.close(None)
        if writer.rotation.failure:
            raise BenchError(f"{writer.rotation.failure}: {writer.rotation.lost:,} messages were not written")
    shutil.rmtree(folder, ignore_errors=True)
    return writer.rotation.written
