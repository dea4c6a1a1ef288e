"""Patterns mean the same in every Python that Agora runs on."""

from __future__ import annotations

import re
from pathlib import Path

import shared.messages

# A group repeated possessively keeps what its last, failed repetition had consumed, before CPython 3.11.5 (gh-106052):
# Debian 12 has 3.11.2. A single class repeated possessively is right everywhere.
_GROUP_REPEATED_POSSESSIVELY = re.compile(r"(?<!\\)\)(?:[*+?]|\{\d*,?\d*\})\+|\(\?>")
_MODULES = Path(shared.messages.__file__).parent.glob("*.py")


def test_no_group_is_repeated_possessively() -> None:
    assert {module.name for module in _MODULES if _GROUP_REPEATED_POSSESSIVELY.search(module.read_text())} == set()
