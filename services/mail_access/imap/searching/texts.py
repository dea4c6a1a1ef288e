"""Looking into the text of messages: decoded once, remembered, and never all of a mailbox in memory at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from mmap import mmap
from typing import Any, Generic, TypeVar

from services.mail_access.imap.message_cache import MessageCache
from services.mail_access.imap.pieces import Pieces
from services.mail_access.imap.values.search import InBody, InHeader, InText
from shared.bounded_cache import BoundedCache
from shared.conversation.intake import Claim
from shared.conversation.spool import Spool
from shared.folders.body_cache import LARGEST_OCTETS
from shared.folders.errors import MessageNotFound
from shared.messages.search_text import SearchText, search_header, search_text, stands_in

MESSAGES_AT_ONCE = 1000  # looked into in one go of a thread: about a millisecond when they are remembered
OCTETS_AT_ONCE = 4 * 1024 * 1024  # of bodies decoded in one go; one message alone may be larger
READ_OCTETS = 256 * 1024  # of a large message, read from the store in one query
FEW = 50  # not worth a thread

Text = TypeVar("Text")


class Looked(Generic[Text]):
    """A kind of text that is searched, and how it is made of a message's octets."""

    def __init__(
        self,
        memory: BoundedCache[int, Text],
        make: Callable[[bytes], Text],
        among: Callable[[Mapping[int, Text]], set[int]],
        header_only: bool,
        stands_in: Callable[[bytes | mmap], bool] | None = None,
    ) -> None:
        """`among` picks the messages whose text has the needle: one call for many of them. `stands_in` is asked instead
        for a message whose text is too large to be held."""
        self.memory = memory
        self.make = make
        self.among = among
        self.header_only = header_only
        self.stands_in = stands_in

    def octets_of(self, pieces: Pieces) -> int:
        """The number of octets that must be read of a message."""
        return pieces.header_octets if self.header_only else pieces.size_octets


def looked_by(key: InHeader | InBody | InText, cache: MessageCache) -> Looked[Any]:
    """The kind of text that a key is about: `str` or `SearchText`."""
    needle = key.needle
    if isinstance(key, InHeader):
        field = key.field.decode("ascii", "replace")
        return Looked(
            cache.headers,
            search_header,
            lambda headers: {n for n, header in headers.items() if has_value(header, field, needle)},
            True,
        )
    header_too = isinstance(key, InText)
    return Looked(
        cache.texts,
        search_text,
        _in_header_or_body(needle) if header_too else _in_body(needle),
        False,
        lambda octets: stands_in(octets, needle, header_too=header_too),
    )


_Among = Callable[[Mapping[int, SearchText]], set[int]]


# Runs of white space are looked for only where the longest word of the needle stands.
def _in_body(needle: str) -> _Among:
    word = max(needle.split(" "), key=len)
    if word == needle:
        return lambda texts: {n for n, text in texts.items() if word in text.body_as_spaced}
    return lambda texts: {n for n, text in texts.items() if word in text.body_as_spaced and needle in text.body}


def _in_header_or_body(needle: str) -> _Among:
    word = max(needle.split(" "), key=len)
    if word == needle:
        return lambda texts: {n for n, text in texts.items() if word in text.header or word in text.body_as_spaced}
    return lambda texts: {
        n for n, text in texts.items() if needle in text.header or (word in text.body_as_spaced and needle in text.body)
    }


def has_value(header: str, field: str, needle: str) -> bool:
    """Whether a field of that name holds the needle; `header` has a line for each field."""
    if needle not in header:
        return False
    for line in header.split("\n"):
        name, colon, value = line.partition(":")
        if colon and needle in value and name.rstrip() == field:
            return True
    return False


class Texts:
    """Finds needles in messages, for one search."""

    def __init__(self, cache: MessageCache, claim: Claim) -> None:
        """`claim` is the session's, for what is read of large messages."""
        self._cache = cache
        self._claim = claim

    async def matching(self, key: InHeader | InBody | InText, message_ids: Sequence[int]) -> set[int]:
        """Which of the messages, at most MESSAGES_AT_ONCE, have the key's needle. Raises StoreUnavailable."""
        return await self._search(looked_by(key, self._cache), list(dict.fromkeys(message_ids)))

    async def _search(self, looked: Looked[Text], message_ids: Sequence[int]) -> set[int]:
        known = self._known(looked, message_ids)
        found = await self._test(looked, known)
        missing = [number for number in message_ids if number not in known]
        pieces = await self._cache.pieces(missing) if missing else {}
        for run in _runs({number: looked.octets_of(each) for number, each in pieces.items()}):
            if looked.stands_in is not None and pieces[run[0]].size_octets > LARGEST_OCTETS:
                if await self._stands_in_large(looked.stands_in, run[0], pieces[run[0]].size_octets):
                    found.add(run[0])
                continue
            octets = await self._octets(looked, run, pieces)
            made = await self._cache.aside(lambda octets=octets: _make(looked, octets))  # type: ignore[misc]
            looked.memory.put_all({n: text for n, text in made.items() if len(octets[n]) <= LARGEST_OCTETS})
            found |= await self._test(looked, made)
        return found

    async def _stands_in_large(self, stands_in: Callable[[bytes | mmap], bool], number: int, size: int) -> bool:
        """The same for one large message, which is read piece by piece and not held in memory. Raises SpoolFull."""
        spool = Spool(self._claim)
        try:
            for start in range(0, size, READ_OCTETS):
                spool.append(await self._cache.octets_between(number, start, min(start + READ_OCTETS, size)))
            return await self._cache.aside(lambda: stands_in(spool.octets))
        except MessageNotFound:  # purged
            return False
        finally:
            spool.close()

    def _known(self, looked: Looked[Text], message_ids: Sequence[int]) -> Mapping[int, Text]:
        """The texts that are in the cache; a whole text has the header, too."""
        known = looked.memory.pick(message_ids)
        if looked.header_only:
            texts = self._cache.texts.pick(number for number in message_ids if number not in known)
            known |= {number: text.header for number, text in texts.items()}  # type: ignore[misc]
        return known

    async def _test(self, looked: Looked[Text], texts: Mapping[int, Text]) -> set[int]:
        if len(texts) < FEW:
            return looked.among(texts)
        return await self._cache.aside(lambda: looked.among(texts))

    async def _octets(
        self, looked: Looked[Text], run: Sequence[int], pieces: Mapping[int, Pieces]
    ) -> Mapping[int, bytes]:
        """The messages' octets; of large ones only the header, if that is enough."""
        if not looked.header_only:
            return await self._cache.bodies(run)
        beginnings = await self._cache.beginnings({number: pieces[number] for number in run})
        return {number: octets[: pieces[number].header_octets] for number, octets in beginnings.items()}


def _make(looked: Looked[Text], octets: Mapping[int, bytes]) -> dict[int, Text]:
    return {number: looked.make(each) for number, each in octets.items()}


def _runs(sizes: Mapping[int, int]) -> Iterator[list[int]]:
    """Messages to be read together: large ones alone."""
    run: list[int] = []
    octets = 0
    for number, size in sizes.items():
        if size > LARGEST_OCTETS:
            yield [number]
            continue
        if octets + size > OCTETS_AT_ONCE:
            yield run
            run, octets = [], 0
        run.append(number)
        octets += size
    if run:
        yield run
