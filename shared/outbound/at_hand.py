"""The octets of small messages that this process is about to send: those of a whole claim are read by one query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shared.bounded_cache import ENTRY_OCTETS, BoundedCache
from shared.outbound.claim import QueuedMessage

AT_HAND_OCTETS = 8 << 20  # what does not fit is read when its turn comes, as larger messages are
SMALL_OCTETS = 64 << 10  # most mail is smaller; a query of its own is a small part of what a larger one costs
MOST_READ_OCTETS = 2 << 20  # by one query


class AtHand:
    """Octets by message, each for one use."""

    def __init__(self) -> None:
        self._octets: BoundedCache[int, bytes] = BoundedCache(AT_HAND_OCTETS, lambda octets: ENTRY_OCTETS + len(octets))

    def put_all(self, octets: Mapping[int, bytes]) -> None:
        """Messages that are whole."""
        self._octets.put_all(octets)

    def take(self, message: QueuedMessage) -> bytes | None:
        """None where they are to be read from the store."""
        octets = self._octets.get(message.message_id)
        if octets is not None:
            self._octets.drop(message.message_id)
        return octets


def worth_reading(messages: Iterable[QueuedMessage]) -> Mapping[int, int]:
    """The sizes, in octets, of those that are read with their claim, by the numbers of the messages."""
    sizes: dict[int, int] = {}
    left = MOST_READ_OCTETS
    for message in messages:
        if message.message_id not in sizes and message.size_octets <= min(SMALL_OCTETS, left):
            sizes[message.message_id] = message.size_octets
            left -= message.size_octets
    return sizes
