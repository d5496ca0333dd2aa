"""Makes the Sphinx extension of the documentation importable: it is not part of the package."""

from __future__ import annotations

import sys

from tests.docs.pages import DOCS

sys.path.insert(0, str(DOCS / "_ext"))
