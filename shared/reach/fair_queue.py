"""A queue for few places that serves clients in turn: one with many requests does not hold up the others."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Client = TypeVar("Client", bound=Hashable)
Item = TypeVar("Item", bound=Hashable)


class FairQueue(Generic[Client, Item]):
    """Clients in turn, each with its items in order.

    A client gets a place while it holds fewer than `most_of_one` and fewer than are free: the fewer are left, the more
    they are for those that hold none.
    """

    def __init__(self, places: int, most_of_one: int) -> None:
        self._free = places
        self._most_of_one = most_of_one
        self._waiting: OrderedDict[Client, dict[Item, None]] = OrderedDict()
        self._held: Counter[Client] = Counter()

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def add(self, client: Client, item: Item) -> None:
        """Let `item` wait, once for each client."""
        self._waiting.setdefault(client, {})[item] = None

    def drop(self, client: Client, item: Item) -> None:
        """It waits no more."""
        items = self._waiting.get(client)
        if items is not None:
            items.pop(item, None)
            if not items:
                del self._waiting[client]

    def take(self) -> tuple[Client, Item] | None:
        """The next client that may have a place, and its first item; `give_back` is owed.

        Those that are passed over hold a place each: looking takes no longer, however many wait.
        """
        if not self._free:
            return None
        for client, items in self._waiting.items():
            if self._held[client] < min(self._most_of_one, self._free):
                item = next(iter(items))
                self._waiting.move_to_end(client)
                self.drop(client, item)
                self._free -= 1
                self._held[client] += 1
                return client, item
        return None

    def give_back(self, client: Client) -> None:
        """A place is free again."""
        self._free += 1
        self._held[client] -= 1
        if not self._held[client]:
            del self._held[client]
