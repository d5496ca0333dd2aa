"""The documentation's own extension, which is no part of the product, is found where Sphinx finds it."""

from __future__ import annotations

import sys

from tests.docs.pages import DOCS

sys.path.insert(0, str(DOCS / "_ext"))
