"""The combinations of flags that occur in one mailbox, each kept once, and rendered when it is first told."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import reduce
from operator import or_

from services.mail_access.imap.values.flags import FIRST_KEYWORD_BIT, MOST_KEYWORDS, RECENT, STORED, SYSTEM_FLAGS

KEYWORD_MASK = STORED >> FIRST_KEYWORD_BIT << FIRST_KEYWORD_BIT

MOST_SMALL = 0xFFFF  # numbers that fit array('H')
MOST_OCTET = 256  # as many combinations have numbers that fit an octet, for which bytes.translate does the work
LOW_OCTET = 0 if sys.byteorder == "little" else 1
RENDERED_OCTETS = 256 * 1024  # of texts kept; a mailbox has a few dozen combinations of about 30 octets
_TEXT_OCTETS = 200  # what CPython needs for a text and its place in the dictionary, without its characters
_SYSTEM_WIDTH = len(rb"\Answered \Flagged \Deleted \Seen \Draft \Recent ()")


class _Numbers(dict[int, int]):
    """The number of each combination; a new one gets the next."""

    __slots__ = ("_masks",)

    def __init__(self, masks: list[int]) -> None:
        super().__init__()
        self._masks = masks

    def __missing__(self, mask: int) -> int:
        number = self[mask] = len(self._masks)
        self._masks.append(mask)
        return number


def _widened(octets: bytes) -> array[int]:
    """Small numbers as array('H')."""
    numbers = bytearray(2 * len(octets))
    numbers[LOW_OCTET::2] = octets
    widened = array("H")
    widened.frombytes(numbers)
    return widened


class FlagSets:
    """Numbers for masks: a mailbox has many messages and few combinations, so a message costs two octets.

    `rendered[number]` is the text of `masks[number]`; numbers are never taken back.
    """

    __slots__ = ("_numbers", "keywords", "masks", "rendered", "widest_octets")

    def __init__(self, keywords: Mapping[int, str]) -> None:
        self.keywords: dict[int, str] = {}  # bit → name
        self.masks: list[int] = []
        self.rendered = RenderedFlags(self.masks)
        self.widest_octets = 0  # no combination's text is longer
        self._numbers = _Numbers(self.masks)
        self._name(keywords)

    def number(self, mask: int) -> int:
        return self._numbers[mask]

    def numbers(self, masks: Sequence[int]) -> array[int]:
        """One number for each mask: 'H' where all numbers fit, else 'I'.

        Nearly always they fit an octet, and bytes are made in half the time.
        """
        if len(self.masks) <= MOST_OCTET:
            with suppress(ValueError):  # there are more now
                return _widened(bytes(map(self._numbers.__getitem__, masks)))
        numbers = list(map(self._numbers.__getitem__, masks))
        return array("H" if len(self.masks) <= MOST_SMALL + 1 else "I", numbers)

    def with_flag(self, numbers: array[int], bit: int) -> array[int]:
        """The numbers of the same combinations with one more flag."""
        octets = b""
        if len(self.masks) <= MOST_OCTET and numbers.typecode == "H":
            octets = numbers.tobytes()[LOW_OCTET::2]
        changed = {number: self.number(self.masks[number] | bit) for number in set(octets or numbers)}
        if octets and len(self.masks) <= MOST_OCTET:
            return _widened(octets.translate(bytes([changed.get(number, 0) for number in range(256)])))
        return array("H" if len(self.masks) <= MOST_SMALL + 1 else "I", [changed[number] for number in numbers])

    def learn(self, keywords: Mapping[int, str]) -> bool:
        """Take in the folder's keywords as they are now; whether there was anything new."""
        if keywords == self.keywords:
            return False
        self._name(keywords)
        return True

    def _name(self, keywords: Mapping[int, str]) -> None:
        self.keywords = dict(keywords)
        self.rendered.name(self.keywords)
        self.widest_octets = _SYSTEM_WIDTH + sum(1 + len(name) for name in self.keywords.values())

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


class RenderedFlags(dict[int, bytes]):
    r"""The text of each combination by its number, `(\Seen Work)`; only those told lately are kept."""

    __slots__ = ("_masks", "_names", "_octets")

    def __init__(self, masks: list[int]) -> None:
        super().__init__()
        self._masks = masks
        self._octets = 0
        self._names: list[tuple[int, bytes]] = []  # of one bit each, in the order in which they are told

    def name(self, keywords: Mapping[int, str]) -> None:
        """From now on the keywords have these names."""
        system = [(bit, name) for name, bit in SYSTEM_FLAGS.items()]
        named = [(1 << bit, name.encode("ascii")) for bit, name in sorted(keywords.items())]
        self._names = [*system, (RECENT, rb"\Recent"), *named]
        self._forget()

    def __missing__(self, number: int) -> bytes:
        mask = self._masks[number]
        text = b"(" + b" ".join([name for bit, name in self._names if mask & bit]) + b")"
        if self._octets > RENDERED_OCTETS:
            self._forget()
        self[number] = text
        self._octets += len(text) + _TEXT_OCTETS
        return text

    def _forget(self) -> None:
        self.clear()
        self._octets = 0
