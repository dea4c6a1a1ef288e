"""What a process remembers of recent messages. They never change, so nothing here is ever wrong, only forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Memory(Generic[Value]):
    """Values by message id, up to about `most_octets` of them.

    Two generations instead of a list in order of use: what is asked for moves to the young one, and when that is
    half the limit it becomes the old one, whose predecessor is dropped. A look-up costs two dictionary accesses.
    """

    __slots__ = ("_half", "_old", "_weigh", "_young", "_young_octets")

    def __init__(self, most_octets: int, weigh: Callable[[Value], int]) -> None:
        self._half = most_octets // 2
        self._weigh = weigh
        self._young: dict[int, Value] = {}
        self._old: dict[int, Value] = {}
        self._young_octets = 0

    def get(self, message_id: int) -> Value | None:
        value = self._young.get(message_id)
        if value is None and (value := self._old.pop(message_id, None)) is not None:
            self.put(message_id, value)
        return value

    def put(self, message_id: int, value: Value) -> None:
        if message_id in self._young:
            return
        self._young[message_id] = value
        self._young_octets += self._weigh(value)
        if self._young_octets > self._half:
            self._old, self._young = self._young, {}
            self._young_octets = 0

    def put_all(self, values: Mapping[int, Value]) -> None:
        for message_id, value in values.items():
            self.put(message_id, value)

    def pick(self, message_ids: Iterable[int]) -> dict[int, Value]:
        """Those of the messages that are remembered."""
        young = self._young
        picked: dict[int, Value] = {}
        for message_id in message_ids:
            value = young.get(message_id)
            if value is None:
                value = self.get(message_id)
                if value is None:
                    continue
                young = self._young
            picked[message_id] = value
        return picked

    def missing(self, message_ids: Iterable[int]) -> list[int]:
        """Those that are not remembered, each once."""
        young, old = self._young, self._old
        return [number for number in dict.fromkeys(message_ids) if number not in young and number not in old]
