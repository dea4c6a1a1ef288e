"""An entry's flags as one number: the five system flags, then a bit for each keyword of its folder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from shared.folders.errors import BadKeyword

ANSWERED = 1
FLAGGED = 2
DELETED = 4
SEEN = 8
DRAFT = 16
SYSTEM_FLAGS: Mapping[str, int] = {
    "\\Answered": ANSWERED,
    "\\Flagged": FLAGGED,
    "\\Deleted": DELETED,
    "\\Seen": SEEN,
    "\\Draft": DRAFT,
}
SYSTEM_MASK = 31

FIRST_KEYWORD_BIT = 5
LAST_KEYWORD_BIT = 62  # 63 is the sign of a bigint
MOST_KEYWORDS = LAST_KEYWORD_BIT - FIRST_KEYWORD_BIT + 1
MOST_KEYWORD_OCTETS = 255  # ours: long enough for every client's labels

# RFC 3501 §9: flag-keyword is an atom: no controls, space, ( ) { % * " \ ]
_ATOM = re.compile(r"[!#$&'+,\-./0-9:;<=>?@A-Z\[^_`a-z|}~]+")


def check_keyword(name: str) -> None:
    """Raises BadKeyword unless `name` can stand in a FLAGS list."""
    if len(name) > MOST_KEYWORD_OCTETS or not _ATOM.fullmatch(name):
        raise BadKeyword("not a keyword")


def bits_of(mask: int) -> Iterable[int]:
    """The numbers of the bits that are set, lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
