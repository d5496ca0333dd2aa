"""Sphinx configuration: ``make docs`` builds strictly, without the network, into ``build/docs``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

from bench_app import __version__

project = "ZMQ Test Bench"
author = "the ZMQ Test Bench developers"
version = release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "bench_reference"]
exclude_patterns = ["_ext", "_static", "examples"]
nitpicky = True

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
# The block "Attributes:" of a class docstring becomes a list of fields.
napoleon_use_ivar = True
# The names of Python and pyzmq are documented elsewhere, and this build fetches nothing from the network.
nitpick_ignore_regex = [
    ("py:.*", r"(asyncio|collections|enum|msgspec|pathlib|types|typing|zmq)(\..*)?"),
    ("py:.*", r"(Any|Callable|Enum|Exception|Iterator|AsyncIterator|Mapping|Path|StrEnum|Struct|TracebackType)"),
    # A type variable has no entry of its own.
    ("py:class", r"bench_app\.library\.output\.AnyHandler"),
]

html_theme = "furo"
html_title = f"ZMQ Test Bench {version}"
html_static_path = ["_static"]
html_css_files = ["bench.css"]
html_js_files = ["bench.js"]
html_show_sphinx = False
html_copy_source = False
html_theme_options = {"top_of_page_buttons": []}
