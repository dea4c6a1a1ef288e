"""Banana, the octets of Perspective Broker: nested lists of integers, floats and strings (`twisted.spread.banana`).

Read and written here because Twisted's own reader copies what it has for each item that it finds, so that a flood of
small ones costs the square of its size, and because it has no bound on a message in all.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from typing import Any

from twisted.spread.banana import Banana

from services.wiki.pb.errors import HostileMessage
from services.wiki.pb.limits import LONGEST_EXPRESSION, LONGEST_PREFIX, LONGEST_STRING, MOST_DEPTH, MOST_ITEMS

_LIST, _INT, _STRING, _NEG, _FLOAT, _LONGINT, _LONGNEG, _VOCABULARY = range(0x80, 0x88)
_WORDS: dict[int, bytes] = Banana.incomingVocabulary
_NUMBERS: dict[bytes, bytes] = {
    word: bytes((number, _VOCABULARY)) for word, number in Banana.outgoingVocabulary.items()
}
_DOUBLE = struct.Struct("!d")
_LARGEST_INT = (1 << 31) - 1


class BananaReader:
    """Makes expressions of octets as they come."""

    def __init__(self, receive: Callable[[Any], object]) -> None:
        """`receive` is called with each whole expression."""
        self._receive = receive
        self._buffer = b""
        self._open: list[tuple[int, list[Any]]] = []
        self._octets = self._items = 0  # of the expression so far

    def feed(self, data: bytes) -> None:
        """More octets. Raises HostileMessage; nothing may follow then."""
        buffer = self._buffer + data if self._buffer else data
        position, end = 0, len(buffer)
        while position < end:
            start = position
            number = shift = 0
            while (octet := buffer[position]) < 0x80:
                number |= octet << shift
                shift += 7
                position += 1
                if position - start > LONGEST_PREFIX:
                    raise HostileMessage("a number is too long")
                if position == end:
                    break
            else:
                position += 1
                needed = number if octet == _STRING else 8 if octet == _FLOAT else 0
                self._admit(octet, number, position - start)
                if end - position < needed:
                    self._octets -= position - start + needed
                    self._items -= 1
                    position = start
                    break
                self._take(octet, number, buffer[position : position + needed])
                position += needed
                continue
            position = start
            break
        self._buffer = buffer[position:]

    def _admit(self, kind: int, number: int, octets: int) -> None:
        if kind == _STRING and number > LONGEST_STRING:
            raise HostileMessage("a string is too long")
        self._items += 1
        self._octets += octets + (number if kind == _STRING else 8 if kind == _FLOAT else 0)
        if self._items > MOST_ITEMS or self._octets > LONGEST_EXPRESSION:
            raise HostileMessage("a message is too long")

    def _take(self, kind: int, number: int, octets: bytes) -> None:
        item: Any
        match kind:
            case 0x82:
                item = octets
            case 0x87:
                if number not in _WORDS:
                    raise HostileMessage("a word of the vocabulary is unknown")
                item = _WORDS[number]
            case 0x81 | 0x85:
                item = number
            case 0x83 | 0x86:
                item = -number
            case 0x84:
                (item,) = _DOUBLE.unpack(octets)
            case 0x80:
                if number > MOST_ITEMS or len(self._open) >= MOST_DEPTH:
                    raise HostileMessage("a list is too long, or too many are in each other")
                self._open.append((number, []))
                if number:
                    return
                item = self._open.pop()[1]
            case _:
                raise HostileMessage("an item has no known type")
        self._give(item)

    def _give(self, item: Any) -> None:
        while self._open:
            length, items = self._open[-1]
            items.append(item)
            if len(items) < length:
                return
            item = self._open.pop()[1]
        self._octets = self._items = 0
        self._receive(item)


def encode(expression: Any, *, with_vocabulary: bool = True) -> bytes:
    """The octets of an expression. Raises ValueError for a string that no client takes."""
    parts: list[bytes] = []
    _encode(expression, parts, _NUMBERS if with_vocabulary else {})
    return b"".join(parts)


def _encode(item: Any, parts: list[bytes], numbers: dict[bytes, bytes]) -> None:
    if isinstance(item, bytes):
        if (word := numbers.get(item)) is not None:
            parts.append(word)
            return
        if len(item) > LONGEST_STRING:
            raise ValueError("a string is longer than what Perspective Broker takes")
        parts += (_base_128(len(item)), b"\x82", item)
    elif isinstance(item, list | tuple):
        _encode_list(item, len(item), parts, numbers)
    elif isinstance(item, int):
        size = abs(item)
        kind = (b"\x81" if item >= 0 else b"\x83") if size <= _LARGEST_INT else b"\x85" if item >= 0 else b"\x86"
        parts += (_base_128(size), kind)
    elif isinstance(item, float):
        parts += (b"\x84", _DOUBLE.pack(item))
    else:
        raise TypeError(type(item).__name__)


def _encode_list(items: Iterable[Any], length: int, parts: list[bytes], numbers: dict[bytes, bytes]) -> None:
    if length > LONGEST_STRING:  # Twisted's bound of lists is the same number
        raise ValueError("a list is longer than what Perspective Broker takes")
    parts += (_base_128(length), b"\x80")
    for item in items:
        _encode(item, parts, numbers)


def _base_128(number: int) -> bytes:
    """The least significant seven bits first."""
    if number < 0x80:
        return bytes((number,))
    octets = bytearray()
    while number:
        octets.append(number & 0x7F)
        number >>= 7
    return bytes(octets)
