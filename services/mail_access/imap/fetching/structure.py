"""BODY from BODYSTRUCTURE: the same without its extension data (RFC 3501 §7.4.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto

_ATOM = rb'[^ ()"{]++'
_QUOTED = rb'"(?:[^"\\]++|\\.)*+"'
_STRING = rb"(?:" + _QUOTED + rb"|" + _ATOM + rb")"
_FLAT = rb"\((?:[^()\"{]++|" + _QUOTED + rb")*+\)"  # a list without lists and literals inside
_VALUE = rb"(?:" + _STRING + rb"|" + _FLAT + rb")"
# A part without parts, literals and nested lists, but for its disposition, which holds a list: nearly every one.
_LEAF = re.compile(
    rb'(\((?!"(?i:message)" "(?i:rfc822)")(?:"(?i:text)" ' + _STRING + rb"(?: " + _VALUE + rb"){6}"
    rb'|(?!"(?i:text)")' + _STRING + rb" " + _STRING + rb"(?: " + _VALUE + rb"){5}))"
    rb"(?: (?:" + _VALUE + rb"|\(" + _STRING + rb" " + _VALUE + rb"\)))*+\)",
    re.DOTALL,
)
_SKIPPED = re.compile(rb"(?:" + _ATOM + rb"| ++|" + _QUOTED + rb")++", re.DOTALL)
_LITERAL = re.compile(rb"\{(\d+)\}\r\n")

_BASIC_FIELDS = 7  # type, subtype, parameters, id, description, encoding, octets
_STEP_PIECES = 500  # given out together: about a millisecond's work


class _Open(Enum):
    """What is open around a part."""

    MULTIPART = auto()
    MESSAGE = auto()


def without_extensions(structure: bytes) -> bytes:
    """`structure` as this store renders it, cut to what BODY shows."""
    return b"".join(body_steps(structure))


def body_steps(structure: bytes) -> Iterator[bytes]:
    """The same in pieces that are soon made. Every octet is looked at once, however deep it lies."""
    at, around = 0, list[_Open]()
    pieces: list[bytes] = []
    while True:
        if structure.startswith(b"((", at):
            pieces.append(b"(")
            around.append(_Open.MULTIPART)
            at += 1
            continue
        leaf = _LEAF.match(structure, at)
        if leaf is not None:
            pieces += (leaf[1], b")")
            at = leaf.end()
        else:
            at, is_open = _unusual(structure, at, pieces)
            if is_open:
                around.append(_Open.MESSAGE)
                continue
        while around and not (around[-1] is _Open.MULTIPART and structure.startswith(b"(", at)):
            around.pop()  # it ends with its subtype, or with its number of lines
            end = _skip(structure, at + 1)
            pieces += (structure[at:end], b")")
            at = _close(structure, end)
        if not around or len(pieces) > _STEP_PIECES:
            yield b"".join(pieces)
            pieces.clear()
        if not around:
            return


def _unusual(text: bytes, at: int, pieces: list[bytes]) -> tuple[int, bool]:
    """Add a single part field by field: where it ends, or, for a message/rfc822, where the part inside begins."""
    fields: list[bytes] = []
    end = at
    for _ in range(_BASIC_FIELDS):
        start, end = end + 1, _skip(text, end + 1)
        fields.append(text[start:end])
    pieces += (b"(", b" ".join(fields))
    kind = fields[0].upper(), fields[1].upper()
    if kind == (b'"MESSAGE"', b'"RFC822"') and text.startswith(b" (", end):  # unless it lay too deep to be opened
        envelope_end = _skip(text, end + 1)
        pieces.append(text[end : envelope_end + 1])
        return envelope_end + 1, True
    if kind[0] == b'"TEXT"':
        lines_end = _skip(text, end + 1)
        pieces.append(text[end:lines_end])
        end = lines_end
    pieces.append(b")")
    return _close(text, end), False


def _close(text: bytes, at: int) -> int:
    """The end of the list that is open at `at`."""
    while at < len(text) and not text.startswith(b")", at):
        at = _skip(text, at + 1)  # a blank, and a value
    return at + 1


def _skip(text: bytes, at: int) -> int:
    """The end of the value that begins at `at`."""
    depth = 0
    while at < len(text):
        octet = text[at : at + 1]
        if octet == b"(":
            depth += 1
            at += 1
        elif octet == b")":
            depth -= 1
            at += 1
        elif octet == b"{":
            mark = _LITERAL.match(text, at)
            at = mark.end() + int(mark[1]) if mark else at + 1
        else:
            skipped = (_SKIPPED if depth else _ONE).match(text, at)
            at = skipped.end() if skipped else len(text)
        if depth == 0:
            return at
    return at


_ONE = re.compile(_STRING, re.DOTALL)
