"""One name is one thing: classes of what runs have different names, but for those that this file has a reason for."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TWICE_WITH_REASON = {
    # IMAP's commands are classes of their names (RFC 3501); the log's events are called as what they tell of.
    *("Append", "Capability", "Command", "Store"),
    # Each protocol's own, and none is seen by another.
    "Reply",
    # The words of two RFCs: in 5321 a mailbox is an address, in 3501 what a client selects.
    "Mailbox",
    # The words of other servers' web pages are counted (shared/access); this one's wiki has pages of its own.
    "Page",
    # A site answers a request, and the proxy's client gets an answer (shared/reach); the tour's visitor is a program.
    *("Answer", "Visitor"),
}


def test_a_class_name_stands_twice_only_where_a_reason_is_given() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for file in [*ROOT.glob("shared/**/*.py"), *ROOT.glob("services/**/*.py")]:
        if not {"tests", "testing"} & set(file.parts):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):  # those are of one file only
                    places[node.name].append(str(file.relative_to(ROOT)))
    twice = {name: found for name, found in places.items() if len(found) > 1}
    assert {name: twice[name] for name in twice.keys() - TWICE_WITH_REASON} == {}
    assert TWICE_WITH_REASON - twice.keys() == set(), "these stand once now: take them out of the list"
