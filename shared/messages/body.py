"""BODY out of a rendered BODYSTRUCTURE, so that only the longer of the two has to be stored (RFC 3501 §7.4.2)."""

from __future__ import annotations

import re

_ATOM = re.compile(rb'NIL|[0-9]++|"(?:[^"\\]++|\\.)*+"', re.S)
_LITERAL = re.compile(rb"\{([0-9]++)\}\r\n")
# How many items of a single part are not extension data (body-type-basic, -text and -msg of RFC 3501 §9).
_BASIC_ITEMS, _TEXT_ITEMS, _MESSAGE_ITEMS = 7, 8, 10
_NESTED_BODY = 8  # the item of message/rfc822 that is a body itself


def render_body(bodystructure: bytes) -> bytes:
    """`bodystructure`, as render_bodystructure made it, without its extension data."""
    return _body(bodystructure, 0)[0]


def _body(text: bytes, at: int) -> tuple[bytes, int]:
    """The body that opens at `at`, shortened, and the offset after it."""
    if text[at + 1 : at + 2] == b"(":
        return _multipart(text, at + 1)
    items: list[bytes] = []
    at += 1
    while text[at : at + 1] != b")":
        at += text[at : at + 1] == b" "
        start = at
        if len(items) == _NESTED_BODY and _is_message(items):
            item, at = _body(text, at)
        else:
            at = _end_of_item(text, at)
            item = text[start:at]
        items.append(item)
    return b"(%b)" % b" ".join(items[: _kept_items(items)]), at + 1


def _kept_items(items: list[bytes]) -> int:
    if _is_message(items):
        return _MESSAGE_ITEMS
    return _TEXT_ITEMS if items[0].lower() == b'"text"' else _BASIC_ITEMS


def _is_message(items: list[bytes]) -> bool:
    return items[0] == b'"message"' and items[1] == b'"rfc822"'


def _multipart(text: bytes, at: int) -> tuple[bytes, int]:
    parts: list[bytes] = []
    while text[at : at + 1] == b"(":
        part, at = _body(text, at)
        parts.append(part)
    subtype_end = _end_of_item(text, at + 1)
    subtype = text[at + 1 : subtype_end]
    at = subtype_end
    while text[at : at + 1] != b")":
        at = _end_of_item(text, at + 1)
    return b"(%b %b)" % (b"".join(parts), subtype), at + 1


def _end_of_item(text: bytes, at: int) -> int:
    """The offset after the item at `at`: an atom, a string, or a list with all it holds."""
    depth = 0
    while True:
        sign = text[at : at + 1]
        if sign == b"(":
            depth, at = depth + 1, at + 1
        elif sign == b")":
            depth, at = depth - 1, at + 1
        elif sign == b" ":
            at += 1
            continue
        elif atom := _ATOM.match(text, at):
            at = atom.end()
        elif literal := _LITERAL.match(text, at):
            at = literal.end() + int(literal[1])
        else:
            raise ValueError(f"not a body structure at octet {at}: {text[at : at + 20]!r}")
        if depth == 0:
            return at
