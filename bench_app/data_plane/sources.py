"""The sources of the compiled modules: whether modules that were compiled in place belong to the sources beside them.

hatch_build.py runs this file by itself, so it imports nothing of the bench.
"""

from __future__ import annotations

from pathlib import Path

DIGEST_FILE = "compiled_from.txt"
"""Has the digest of the sources from which the modules beside it were compiled. A wheel has no such file."""


def digest(folder: Path) -> str:
    """A digest of all sources in ``folder``."""
    # Imported here, because it loads OpenSSL, and a wheel has no digest to compare with.
    import hashlib

    text = hashlib.blake2b(digest_size=16)
    for file in sorted([*folder.glob("*.pyx"), *folder.glob("*.pxd")]):
        text.update(file.name.encode() + file.read_bytes())
    return text.hexdigest()


def are_modules_current(folder: Path) -> bool:
    """False if the modules in ``folder`` were compiled in place, from other sources than those of today."""
    try:
        return (folder / DIGEST_FILE).read_text() == digest(folder)
    except FileNotFoundError:
        return True
