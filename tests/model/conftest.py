"""Makes the documentation's own Sphinx extension importable, so that tests can ask it for the reference of a key."""

from __future__ import annotations

import sys

from tests.docs.pages import DOCS

sys.path.insert(0, str(DOCS / "_ext"))
