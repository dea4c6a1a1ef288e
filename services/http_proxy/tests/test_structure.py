"""The imports of the folder lead one way, those for types too, and neither side reaches through an exchange."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

FOLDER = Path(__file__).parents[1]
PACKAGE = "services.http_proxy"


def imported(file: Path) -> set[str]:
    """The modules of this folder that it imports, anywhere."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == PACKAGE:
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(PACKAGE + "."):
            found.add(node.module.removeprefix(PACKAGE + "."))
    return found


def test_there_is_no_import_circle() -> None:
    graph = {file.stem: imported(file) for file in FOLDER.glob("*.py")}
    TopologicalSorter(graph).prepare()


def test_nobody_reads_the_other_side_through_an_exchange() -> None:
    for file in FOLDER.glob("*.py"):
        text = file.read_text()
        assert "exchange.origin." not in text, file
        assert "owner.client" not in text, file


def test_no_class_of_the_middle_inherits_another() -> None:
    classes: dict[str, ast.ClassDef] = {}
    for file in FOLDER.glob("*.py"):
        classes.update(
            {each.name: each for each in ast.walk(ast.parse(file.read_text())) if type(each) is ast.ClassDef}
        )
    for name in ("Exchange", "Response", "Passage", "Tunnel"):
        assert not classes[name].bases, name
