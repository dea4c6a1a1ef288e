"""The lines that `agora watch` shows: their kinds, and what is taken of them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

# What `--kind` is called, and the first words of the lines of that kind.
KINDS: Mapping[str, frozenset[str]] = {
    "arrivals": frozenset({"message", "append"}),
    "posts": frozenset({"post"}),
    "saves": frozenset({"save"}),
    "sign-ins": frozenset({"sign_in"}),
    "errors": frozenset({"error"}),
}
_FIELD = re.compile(r' ([a-z_]+)=("(?:[^"\\]|\\.)*"|\S*)')


class WatchFilter(NamedTuple):
    """What is wanted: of a door, of an account, of some kinds."""

    door: str | None
    account: str | None
    kinds: frozenset[str]

    def takes(self, line: str) -> bool:
        """Whether the line, which begins with a time, is wanted."""
        _, _, text = line.partition(" ")
        word = text.partition(" ")[0]
        if not any(word in KINDS[kind] for kind in self.kinds):
            return False
        if self.door is None and self.account is None:
            return True
        fields = fields_of(text)
        if self.door is not None and fields.get("door") != self.door:
            return False
        return self.account is None or self.account in (fields.get("account"), fields.get("author"))


def fields_of(text: str) -> dict[str, Any]:
    """The fields of a line without its time."""
    return {name: _value(value) for name, value in _FIELD.findall(text)}


def _value(text: str) -> Any:
    if not text.startswith('"'):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
