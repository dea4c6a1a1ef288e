"""Flags as IMAP names them, against the bits that the store keeps (RFC 3501 §2.3.2)."""

from __future__ import annotations

from dataclasses import dataclass

from shared.folders.flags import ANSWERED, DELETED, DRAFT, FIRST_KEYWORD_BIT, FLAGGED, MOST_KEYWORDS, SEEN

__all__ = ["ANSWERED", "DELETED", "DRAFT", "FIRST_KEYWORD_BIT", "FLAGGED", "MOST_KEYWORDS", "SEEN"]

RECENT = 1 << 63  # of this session only; the store's masks end at bit 62
STORED = RECENT - 1

SYSTEM_FLAGS: dict[bytes, int] = {
    rb"\Answered": ANSWERED,
    rb"\Flagged": FLAGGED,
    rb"\Deleted": DELETED,
    rb"\Seen": SEEN,
    rb"\Draft": DRAFT,
}
SYSTEM_FLAG_BY_NAME = {name.lower(): bit for name, bit in SYSTEM_FLAGS.items()}


@dataclass(frozen=True, slots=True)
class Flags:
    """What a client wants set, cleared or put in place: system bits, and keywords by name in the client's spelling."""

    mask: int = 0
    keywords: tuple[str, ...] = ()


NO_FLAGS = Flags()
