"""The attributes of an HTML tag, and whether they keep its element from being shown."""

from __future__ import annotations

import re
from collections.abc import Mapping

READ_CHARACTERS = 4096  # of a tag; the longest lists of classes are about 1,000
_NAME = re.compile(r"<[^\s/>]*+")
# §13.2.5.32 to 38: a name, and a value after "=". Possessive: never tries another way.
_ATTRIBUTE = re.compile(r"([^\s=>/]++)(?:\s*+=\s*+(?:\"([^\"]*+)\"?|'([^']*+)'?|([^\s>\"'][^\s>]*+))?+)?+")
_DISPLAY_NONE = re.compile(r"(?:^|[;\s])display\s*:\s*none(?![\w-])", re.IGNORECASE)


def attributes_of(tag: str) -> Mapping[str, str]:
    """By their names in lower case; of two with one name the first counts. `tag` begins with "<"."""
    found: dict[str, str] = {}
    name = _NAME.match(tag)
    for attribute in _ATTRIBUTE.finditer(tag, name.end() if name else 0):
        found.setdefault(attribute[1].lower(), attribute[2] or attribute[3] or attribute[4] or "")
    return found


def may_hide(text: str) -> bool:
    """Whether a tag in `text` may hide its element: costs far less than a look at each."""
    lower = text.lower()
    return "hidden" in lower or "display" in lower


def hides(tag: str) -> bool:
    """Whether `tag`, of which READ_CHARACTERS are looked at, has `hidden` or an inline `display: none`."""
    if not may_hide(tag):
        return False
    attributes = attributes_of(tag)
    return "hidden" in attributes or bool(_DISPLAY_NONE.search(attributes.get("style", "")))
