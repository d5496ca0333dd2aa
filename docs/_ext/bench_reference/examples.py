"""The programs in ``docs/examples``, each shown as the file that the tests run."""

from __future__ import annotations

import ast
from pathlib import Path


def library_examples(docs: Path) -> str:
    """One section a program: the first line of its docstring as heading, then its text."""
    programs = sorted((docs / "examples").glob("*.py"))
    return "\n".join(_section(program) for program in programs if program.name != "__init__.py")


def _section(program: Path) -> str:
    docstring = ast.get_docstring(ast.parse(program.read_text())) or program.stem.replace("_", " ").capitalize()
    title = docstring.splitlines()[0].rstrip(".")
    return f"## {title}\n\n```{{literalinclude}} /examples/{program.name}\n:language: python\n```\n"
