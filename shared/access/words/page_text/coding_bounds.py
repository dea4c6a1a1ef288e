"""The bounds of every content coding: how much may come out of one, in all and for what went in."""

from __future__ import annotations

MOST_OCTETS = 4 << 20  # of one page's text; the longest articles are 1 to 2 MiB
_BOMB_RATIO = 100  # deflate can reach 1032, br and zstd far more; pages of tables stay below 40
_BOMB_FROM_OCTETS = 64 << 10  # small pages of one repeated line may well exceed the ratio


class ContentBomb(Exception):
    """Few octets that become very many: no page for people."""


class TooLong(Exception):
    """The page has more text than is read; what was read is good."""


class BrokenCoding(Exception):
    """The octets are not in the coding that was announced."""


class CodingBounds:
    """What one coding has taken and given."""

    __slots__ = ("given", "taken")

    def __init__(self) -> None:
        self.taken = self.given = 0

    def give(self, octets: int) -> None:
        """So many more have come out. Raises ContentBomb, TooLong."""
        self.given += octets
        if self.given > _BOMB_FROM_OCTETS and self.given > self.taken * _BOMB_RATIO:
            raise ContentBomb
        if self.given > MOST_OCTETS:
            raise TooLong
