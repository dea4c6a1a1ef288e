"""The command line asks operations, and holds no SQL and no connection of its own."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from shared.command_line.state_directory import ROOT

FOLDER = ROOT / "shared" / "command_line"
FILES = [file for file in FOLDER.rglob("*.py") if "tests" not in file.parts]
SQL = re.compile(r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|CREATE|ALTER|DROP|TRUNCATE|CHECKPOINT|BEGIN)\b")
CONNECTING = {"open_connection", "psycopg2.connect"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(FOLDER)))
def test_a_module_of_the_command_line_holds_no_sql(file: Path) -> None:
    tree = ast.parse(file.read_text())
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert [text for text in texts if SQL.match(text)] == []
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert called & CONNECTING == set()
