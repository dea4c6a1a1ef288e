"""Text in XML 1.0: what must be written as a reference, and what cannot be written at all (§2.2)."""

from __future__ import annotations

import re

_MARKUP = re.compile(r"[&<>\r]")
# Control characters, halves of surrogate pairs, and the two code points that are no characters: no reference helps.
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
REPLACEMENT = "\ufffd"


def can_carry(text: str) -> bool:
    """Whether a document of XML 1.0 can have all characters of the text."""
    return _IMPOSSIBLE.search(text) is None


def escaped(text: str) -> str:
    """As content of an element. `>` is escaped for `]]>`, CR because parsers make a line feed of it (§2.11)."""
    if _MARKUP.search(text) is None:
        return text
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def escaped_attribute(text: str) -> str:
    """As an attribute's value in double quotes."""
    return escaped(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")


def carried(text: str) -> str:
    """The text with U+FFFD in place of what XML cannot carry; for comments and names, not for pages."""
    return _IMPOSSIBLE.sub(REPLACEMENT, text)
