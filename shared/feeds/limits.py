"""The bounds of what is read of a feed: docs/reliability.md has them all."""

from __future__ import annotations

MOST_ITEMS = 1_000  # the newest of a longer feed are at its head as a rule; a thousand are one commit
MOST_ENCLOSURES = 20
MOST_LINE_CHARACTERS = 1_000  # of a title, a name, a guid, an address
MOST_CONTENT_CHARACTERS = 1 << 20


def line(value: object) -> str:
    """Text of one line: blanks in a row are one, controls are left out, what is too long is cut; "" for no text."""
    if not isinstance(value, str):
        return ""
    text = " ".join(value[: 4 * MOST_LINE_CHARACTERS].split())
    return "".join(each for each in text if each.isprintable())[:MOST_LINE_CHARACTERS]
