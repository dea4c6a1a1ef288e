"""A room's description: one line, as LIST NEWSGROUPS shows it."""

from __future__ import annotations

MOST_DESCRIPTION_CHARACTERS = 400  # in UTF-8 and behind the longest name less than the 2,048 octets of a line


def room_description(text: str) -> str:
    """`text` on one line, without what no line may hold, cut where it is too long."""
    line = " ".join(text.split())
    return "".join(character for character in line if character.isprintable())[:MOST_DESCRIPTION_CHARACTERS]
