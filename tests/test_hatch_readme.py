"""The description of the package: the README with links that work outside of the repository."""

from __future__ import annotations

import re
from pathlib import Path

from hatch_readme import description

README = Path(__file__).resolve().parent.parent / "README.md"
PAGE = """\
# Title

See [the page](docs/index.md), [below](#below) or [the guide](https://zguide.zeromq.org).

![A picture](docs/window.png)

| small | large |
| --- | --- |
| ![one](docs/one.png) | ![two](docs/two.png) |

| key | meaning |
| --- | --- |
| `a` | [b](docs/b.md) |
"""


def test_without_a_url_links_are_text_and_pictures_are_left_out() -> None:
    assert (
        description(PAGE)
        == """\
# Title

See the page, [below](#below) or [the guide](https://zguide.zeromq.org).

| key | meaning |
| --- | --- |
| `a` | b |
"""
    )


def test_with_a_url_links_and_pictures_are_absolute() -> None:
    text = description(PAGE, "https://example.org/files/")
    assert "[the page](https://example.org/files/docs/index.md)" in text
    assert "| ![one](https://example.org/files/docs/one.png) |" in text
    assert "[below](#below)" in text


def test_the_readme_has_no_link_into_the_repository() -> None:
    targets = re.findall(r"\]\(([^)]*)\)", description(README.read_text()))
    assert [target for target in targets if not target.startswith(("https:", "#"))] == []


def test_every_file_that_the_readme_links_exists() -> None:
    targets = re.findall(r"\]\(([^)#]+)", README.read_text())
    local = [target for target in targets if not target.startswith("https:")]
    assert local
    assert [target for target in local if not (README.parent / target).exists()] == []
