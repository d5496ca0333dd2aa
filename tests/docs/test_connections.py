"""The pages about connections quote the messages of the code exactly, and no message is missing from them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from bench_reference import connections, filled

from bench_app.transport.bind import BIND_FAILURES
from bench_app.transport.connection import ConnectionState
from tests.docs.pages import DOCS, ROOT

CONNECTION_MODULES = ("connection", "bound_endpoint", "connect_attempts", "handshake", "port_owner", "bind")
ENGINE_MODULES = (
    "engine/incoming",
    "engine/manual_actions",
    "engine/worker/handler_changes",
    "engine/worker/handler_closing",
    "engine/worker/handler_peers",
    "engine/worker/handler_unit",
    "engine/worker/listener_unit",
    "engine/worker/reopening",
)


def page(name: str) -> str:
    """A page with its generated parts, as one line."""
    return " ".join(filled((DOCS / f"{name}.md").read_text()).split())


REFERENCE = page("reference/connections")


def texts(module: str) -> Iterator[str]:
    """Every text of a module except docstrings. A NUL stands for each value in an f-string."""
    tree = ast.parse((ROOT / "bench_app" / f"{module}.py").read_text())
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "\0" for part in node.values]
            yield "".join(str(part) for part in parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and not {id(node)} & (inner | docstrings):
            yield node.value


def templates(*modules: str) -> list[re.Pattern[str]]:
    """A pattern for each text of the modules that has two words or more: it matches the messages made from the text."""
    found = [text for module in modules for text in texts(module)]
    return [
        re.compile(".+".join(re.escape(part) for part in text.split("\0")))
        for text in found
        if re.search(r"[a-z] [a-z]", text)
    ]


def message_parts(module: str) -> list[str]:
    """The fixed parts of a module's messages, between their values, that have two words or more."""
    parts = [part.strip(" ;:,()") for text in texts(module) for part in text.split("\0")]
    return sorted({part for part in parts if re.search(r"[a-z] [a-z]", part)})


@pytest.mark.parametrize("module", CONNECTION_MODULES)
def test_no_message_of_a_connection_is_missing(module: str) -> None:
    pages = REFERENCE + page("how-to/address-in-use")
    found = message_parts(f"transport/{module}")
    assert len(found) >= 2
    assert [part for part in found if part not in pages] == []


def test_every_state_is_explained() -> None:
    assert [state for state in ConnectionState if f"`ConnectionState.{state.name}`" not in REFERENCE] == []


def test_every_reason_of_a_failed_bind_has_advice() -> None:
    assert set(connections._BIND_ADVICE) == set(BIND_FAILURES)


def quoted(section: str) -> list[str]:
    """The code in the first cell of each row of a table."""
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


def test_the_page_quotes_the_messages_of_a_handler_exactly() -> None:
    section = (DOCS / "reference" / "connections.md").read_text().partition("## What the handler does")[2]
    known = templates(*ENGINE_MODULES)
    messages = quoted(section)
    assert len(messages) >= 10
    # The text after a colon comes from other modules.
    heads = [message.removesuffix(": REASON") for message in messages]
    assert [
        head for head in heads if not any(one.fullmatch(text) for one in known for text in (head, f"{head}: x"))
    ] == []


def test_the_page_quotes_the_owners_of_an_address_exactly() -> None:
    messages = quoted((DOCS / "how-to" / "address-in-use.md").read_text())
    assert len(messages) >= 5
    known = templates("transport/port_owner")
    assert [message for message in messages if not any(one.fullmatch(message) for one in known)] == []


def test_the_examples_of_a_refused_connection_are_in_the_reference() -> None:
    block = re.search(r"```text\n(.*?)```", (DOCS / "how-to" / "connection-refused.md").read_text(), re.DOTALL)
    assert block is not None
    assert [line for line in block[1].splitlines() if f"`{line}`" not in REFERENCE] == []


def test_the_reasons_of_a_refused_connection_are_in_the_reference() -> None:
    reasons = quoted((DOCS / "how-to" / "connection-refused.md").read_text().partition("| words |")[2])
    assert len(reasons) >= 5
    patterns = {reason: ".+".join(re.escape(part) for part in reason.split("...")) for reason in reasons}
    assert [reason for reason, pattern in patterns.items() if not re.search(pattern, REFERENCE)] == []


def test_a_message_that_the_code_does_not_have_would_be_found() -> None:
    known = templates("transport/connect_attempts")
    assert any(one.fullmatch("gave up on tcp://a:1 (no)") for one in known)
    assert not any(one.fullmatch("gave in on tcp://a:1 (no)") for one in known)
    assert "nobody listens there" not in REFERENCE
