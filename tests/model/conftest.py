"""A test that a new key is in the reference asks the documentation's own extension, found where Sphinx finds it."""

from __future__ import annotations

import sys

from tests.docs.pages import DOCS

sys.path.insert(0, str(DOCS / "_ext"))
