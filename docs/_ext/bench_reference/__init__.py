"""Reference pages made from the code: the maker NAME replaces what follows ``<!-- generated: NAME -->`` on a page.

Makers return Markdown, so headings, links and tables work as on a page written by hand.

Pages are read in the repository, too. There a line says where a long part can be read, and a short part is kept on the
page, up to ``<!-- end: NAME -->``. ``make tables`` renews it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench_app.model import Spec
from bench_app.model.keys import keys_of
from bench_reference import commands, connections, examples, loss_causes, metrics, preset_keys, results, shipped
from bench_reference.repository_links import with_files, with_preset_links
from bench_reference.search_words import check_search, with_index_entries

if TYPE_CHECKING:
    from sphinx.application import Sphinx

DOCS = Path(__file__).resolve().parents[2]

MAKERS: Mapping[str, Callable[[], str]] = {
    "bind-failures": connections.bind_failures,
    "bound-messages": connections.bound_messages,
    "commands": commands.commands,
    "connection-messages": connections.connection_messages,
    "connection-reasons": connections.connection_reasons,
    "connection-states": connections.connection_states,
    "exit-codes": commands.exit_code_table,
    "library-examples": lambda: examples.library_examples(DOCS),
    "loss-causes": loss_causes.loss_causes,
    "metrics": metrics.metrics,
    "preset-keys": preset_keys.preset_keys,
    "result-keys": results.result_keys,
    "shipped-presets": shipped.shipped_presets,
}

_PLACE = re.compile(
    r"^<!-- generated: ([a-z-]+) -->$(?:\n\*Not in the repository: .*\*$|\n(?:.*\n)*?<!-- end: \1 -->$)?", re.MULTILINE
)
"""The place of a generated part, with what a reader of the unbuilt page sees there."""
_KEPT = re.compile(r"^(<!-- generated: ([a-z-]+) -->\n)(?:.*\n)*?(<!-- end: \2 -->)$", re.MULTILINE)
"""A generated part that is kept on its page."""


def filled(page: str) -> str:
    """A page's source as Sphinx reads it: with generated parts, files and index entries.

    KeyError if no maker has the name of a generated part.
    """
    generated = _PLACE.sub(lambda found: MAKERS[found[1]](), page)
    # Files first: a link to a file that is shown is no link to a preset that ships.
    return with_index_entries(with_preset_links(with_files(generated)))


def renewed(page: str) -> str:
    """A page's source with the parts that it keeps made again."""
    return _KEPT.sub(lambda found: f"{found[1]}\n{MAKERS[found[2]]().strip()}\n\n{found[3]}", page)


def _fill(app: Sphinx, name: str, source: list[str]) -> None:
    source[0] = filled(source[0])


def _resolve_bare_name(app: Sphinx, env: Any, node: Any, content: Any) -> Any:
    """Resolve a bare name in a docstring, such as ``InputError``, if only one object has that name."""
    wanted = node.get("reftarget", "")
    python = env.get_domain("py")
    matches = [name for name in python.objects if name.endswith(f".{wanted}")]
    if node.get("refdomain") != "py" or len(matches) != 1:
        return None
    builder, page = app.builder, node["refdoc"]
    return python.resolve_xref(env, page, builder, node["reftype"], matches[0], node, content)


def _keys_as_signature(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, signature: str | None, returns: str | None
) -> tuple[str | None, str | None]:
    """The signature of a spec: its keys with their defaults. The preset reference describes the keys."""
    if not (isinstance(obj, type) and issubclass(obj, Spec)):
        return signature, returns
    keys = [key.name if key.required else f"{key.name}={key.default!r}" for key in keys_of(obj)]
    return f"({', '.join(keys)})", returns


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the makers to Sphinx."""
    app.connect("source-read", _fill)
    app.connect("build-finished", check_search)
    app.connect("missing-reference", _resolve_bare_name)
    app.connect("autodoc-process-signature", _keys_as_signature)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
