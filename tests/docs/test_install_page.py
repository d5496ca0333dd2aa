"""The page about installing names the oldest versions that the package declares."""

from __future__ import annotations

import re
import tomllib

from tests.docs.pages import DOCS, ROOT


def test_the_page_has_the_lower_bound_of_each_package() -> None:
    page = (DOCS / "how-to" / "install.md").read_text()
    listed = dict(re.findall(r"^\| `([\w-]+)` \| ([\d.]+)", page, re.MULTILINE))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    bounds = project["dependencies"] + project["optional-dependencies"]["window"]
    assert listed == dict(bound.partition(",")[0].split(">=") for bound in bounds)
