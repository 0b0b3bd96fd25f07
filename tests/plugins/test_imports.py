"""Who the plugin may know: Airflow's internals stand in one file, and of ours only the read side and the words."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import trends_page.pages

FOLDER = Path(trends_page.pages.__file__).parent
ALLOWED = ("airtide.wiring.reads", "airtide.domain.", "trends_page", "fastapi", "pydantic")
ALLOWED_BY_FILE = {
    "plugin.py": ("airflow.plugins_manager",),
    "security.py": ("airflow.api_fastapi.", "starlette."),
}
STANDARD = {"__future__", "collections", "csv", "datetime", "functools", "hashlib", "io", "logging", "pathlib"}
STANDARD |= {"threading", "typing", "unicodedata"}


def list_imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_file_of_the_plugin_imports_only_what_it_may_know(path):
    allowed = ALLOWED + ALLOWED_BY_FILE.get(path.name, ())
    strangers = [
        name for name in list_imports(path) if name.split(".")[0] not in STANDARD and not name.startswith(allowed)
    ]

    assert strangers == []
