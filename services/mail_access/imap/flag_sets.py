"""The combinations of flags that occur in one mailbox, each kept and rendered once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_

from services.mail_access.imap.values.flags import FIRST_KEYWORD_BIT, MOST_KEYWORDS, RECENT, STORED, SYSTEM_FLAGS

KEYWORD_MASK = STORED >> FIRST_KEYWORD_BIT << FIRST_KEYWORD_BIT


class FlagSets:
    """Numbers for masks: a mailbox has many messages and few combinations, so a message costs two octets.

    `masks[number]` and `rendered[number]` go together; numbers are never taken back.
    """

    __slots__ = ("_numbers", "keywords", "masks", "rendered")

    def __init__(self, keywords: Mapping[int, str]) -> None:
        self.keywords = dict(keywords)  # bit → name
        self.masks: list[int] = []
        self.rendered: list[bytes] = []
        self._numbers: dict[int, int] = {}

    def number(self, mask: int) -> int:
        number = self._numbers.get(mask)
        if number is None:
            number = self._numbers[mask] = len(self.masks)
            self.masks.append(mask)
            self.rendered.append(self.render(mask))
        return number

    def numbers(self, masks: Iterable[int]) -> list[int]:
        """One number for each mask."""
        masks = list(masks)
        for mask in set(masks):
            self.number(mask)
        return list(map(self._numbers.__getitem__, masks))

    def learn(self, keywords: Mapping[int, str]) -> bool:
        """Take in the folder's keywords as they are now; whether there was anything new."""
        if keywords == self.keywords:
            return False
        self.keywords = dict(keywords)
        self.rendered[:] = map(self.render, self.masks)
        return True

    def render(self, mask: int) -> bytes:
        r"""`(\Seen Work)`."""
        names = [name for name, bit in SYSTEM_FLAGS.items() if mask & bit]
        if mask & RECENT:
            names.append(rb"\Recent")
        if mask >> FIRST_KEYWORD_BIT:
            names += [name.encode("ascii") for bit, name in sorted(self.keywords.items()) if mask >> bit & 1]
        return b"(" + b" ".join(names) + b")"

    def mask_of(self, keywords: Iterable[str]) -> int | None:
        """The bits of keywords by name; None if one of them is not known in this mailbox."""
        bits = {name.lower(): bit for bit, name in self.keywords.items()}
        mask = 0
        for keyword in keywords:
            bit = bits.get(keyword.lower())
            if bit is None:
                return None
            mask |= 1 << bit
        return mask

    def applicable(self) -> bytes:
        """The list behind FLAGS (RFC 3501 §7.2.6)."""
        return b"(" + b" ".join(self._all_names()) + b")"

    def permanent(self) -> bytes:
        r"""The list behind PERMANENTFLAGS; `\*` while there is room for new keywords (RFC 3501 §7.1).

        Keywords that no message has make room when one is needed.
        """
        used = reduce(or_, self.masks, 0) & KEYWORD_MASK
        room = [rb"\*"] if used.bit_count() < MOST_KEYWORDS else []
        return b"(" + b" ".join(self._all_names() + room) + b")"

    def _all_names(self) -> list[bytes]:
        return [*SYSTEM_FLAGS, *(name.encode("ascii") for _, name in sorted(self.keywords.items()))]
