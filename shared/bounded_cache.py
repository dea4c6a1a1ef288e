"""The bounded cache: the only class of the tree that remembers values by keys, weighed in octets.

Every cache of values that came from outside uses it, directly or by `remembers`: `functools.lru_cache` counts entries,
and a stranger chooses how large an entry is. `shared/tests/test_bounded_cache.py` keeps `lru_cache` out of the tree.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import AnyStr, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

ENTRY_OCTETS = 200  # what CPython needs for a key, its place in a dictionary and a small value, about


class BoundedCache(Generic[Key, Value]):
    """Values by key, up to about `most_octets` of them.

    Two generations instead of a list in order of use: what is asked for moves to the young one, and when that is
    half the limit it becomes the old one, whose predecessor is dropped. A look-up costs two dictionary accesses.
    """

    __slots__ = ("_half", "_old", "_weigh", "_young", "_young_octets")

    def __init__(self, most_octets: int, weigh: Callable[[Value], int]) -> None:
        """`weigh` gives the octets of an entry: of its value, of its key if that is large, and ENTRY_OCTETS."""
        self._half = most_octets // 2
        self._weigh = weigh
        self._young: dict[Key, Value] = {}
        self._old: dict[Key, Value] = {}
        self._young_octets = 0

    def get(self, key: Key) -> Value | None:
        value = self._young.get(key)
        if value is None and (value := self._old.pop(key, None)) is not None:
            self.put(key, value)
        return value

    def put(self, key: Key, value: Value) -> None:
        """Remember `value`, unless it alone weighs more than half of all; the first value of a key stays."""
        if key in self._young:
            return
        weight = self._weigh(value)
        if weight > self._half:
            return
        self._young[key] = value
        self._young_octets += weight
        if self._young_octets > self._half:
            self._old, self._young = self._young, {}
            self._young_octets = 0

    def drop(self, key: Key) -> None:
        """Forget the value of `key`, if there is one; its weight counts until its generation ends."""
        self._young.pop(key, None)
        self._old.pop(key, None)

    def put_all(self, values: Mapping[Key, Value]) -> None:
        for key, value in values.items():
            self.put(key, value)

    def pick(self, keys: Iterable[Key]) -> dict[Key, Value]:
        """Those of the keys that are remembered, with their values; others may be forgotten by that."""
        keys = list(keys)
        young, old = self._young, self._old
        try:
            return dict(zip(keys, map(young.__getitem__, keys), strict=True))  # all of them are young, as a rule
        except KeyError:
            pass
        picked: dict[Key, Value] = {}
        for key in keys:
            value = young.get(key)
            if value is None:
                if key not in old or (value := self.get(key)) is None:
                    continue
                young, old = self._young, self._old
            picked[key] = value
        return picked

    def __len__(self) -> int:
        return len(self._young) + len(self._old)


class _Remembered(dict[AnyStr, Value]):
    """The results of one function by its argument; a result that is not there is computed.

    Two generations, as in BoundedCache. A dictionary that is asked by its own method: what is remembered costs no
    Python code at all.
    """

    __slots__ = ("_function", "_half", "_longest_octets", "_old")

    def __init__(self, function: Callable[[AnyStr], Value], most: int, longest_octets: int) -> None:
        super().__init__()
        self._function: Callable[[AnyStr], Value] = function
        self._half = most // 2
        self._longest_octets = longest_octets
        self._old: dict[AnyStr, Value] = {}

    def __missing__(self, argument: AnyStr) -> Value:
        if len(argument) > self._longest_octets:
            return self._function(argument)
        value = self._old.pop(argument, None)
        if value is None:
            value = self._function(argument)
        if len(self) >= self._half:
            self._old = dict(self)
            self.clear()
        self[argument] = value
        return value


def remembers(most: int, longest_octets: int = 256) -> Callable[[Callable[[AnyStr], Value]], Callable[[AnyStr], Value]]:
    """A decorator for a pure function of one `bytes` or `str`: its last results are remembered, `most` of them.

    An argument longer than `longest_octets` is worked out each time and leaves nothing behind, so that what is kept is
    at most `most` times a small multiple of `longest_octets`.
    """
    return lambda function: _Remembered(function, most, longest_octets).__getitem__
