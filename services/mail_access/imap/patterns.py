"""Mailbox patterns of LIST and LSUB: `*` stands for anything, `%` for anything within one level (RFC 3501 §6.3.8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shared.folders.name import INBOX, MOST_NAME_OCTETS, SEPARATOR


class Patterns:
    """Several patterns, looked at together.

    All the ways to match all patterns are followed at once, a bit for each place in each pattern: the time that a name
    takes is linear in its length, and a hundred patterns cost little more than one.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self._moves: dict[str, int] = {}
        self._stars = self._percents = self._starts = self._ends = 0
        place = 0
        for tokens in dict.fromkeys(tuple(_tokens(pattern)) for pattern in patterns):
            if sum(token not in "*%" for token in tokens) > MOST_NAME_OCTETS:
                continue  # longer than any name
            self._starts |= 1 << place
            for token in tokens:
                bit = 1 << place
                if token == "*":
                    self._stars |= bit
                elif token == "%":
                    self._percents |= bit
                else:
                    self._moves[token] = self._moves.get(token, 0) | bit
                place += 1
            self._ends |= 1 << place
            place += 1
        self._wild = self._stars | self._percents
        self._takes_all = bool(self._starts & self._stars & (self._ends >> 1))

    def matches(self, name: str) -> bool:
        """Whether one of the patterns matches the whole name."""
        if self._takes_all:
            return True
        here = self._and_skip_wild(self._starts)
        for character in name:
            here = self._next(here, character)
            if not here:
                return False
        return bool(here & self._ends)

    def matching_superiors(self, name: str) -> Iterator[str]:
        """The names above `name` that match, topmost first."""
        here = self._and_skip_wild(self._starts)
        for at, character in enumerate(name):
            if character == SEPARATOR and here & self._ends:
                yield name[:at]
            here = self._next(here, character)
            if not here:
                return

    def _next(self, here: int, character: str) -> int:
        stay = here & (self._stars if character == SEPARATOR else self._wild)
        return self._and_skip_wild(stay | (here & self._moves.get(character, 0)) << 1)

    def _and_skip_wild(self, here: int) -> int:
        return here | (here & self._wild) << 1


def _tokens(pattern: str) -> list[str]:
    """The pattern's characters, each run of wildcards as the one that does the same."""
    tokens: list[str] = []
    for character in pattern:
        if character in "*%" and tokens and tokens[-1] in "*%":
            if character == "*":
                tokens[-1] = "*"
        else:
            tokens.append(character)
    return tokens


class Matcher:
    """Which names match one of a command's patterns; INBOX matches in any case."""

    def __init__(self, reference: str, patterns: Iterable[str]) -> None:
        whole = [reference + pattern for pattern in patterns]
        self._patterns = Patterns(whole)
        self._takes_inbox = Patterns([pattern.upper() for pattern in whole]).matches(INBOX)

    def matches(self, name: str) -> bool:
        return self._takes_inbox if name == INBOX else self._patterns.matches(name)

    def matching_superiors(self, name: str) -> Iterator[str]:
        """The names above `name` that match, topmost first."""
        for superior in self._patterns.matching_superiors(name):
            if superior != INBOX:
                yield superior
        if self._takes_inbox and name.startswith(INBOX + SEPARATOR):
            yield INBOX
