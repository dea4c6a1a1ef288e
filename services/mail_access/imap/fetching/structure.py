"""BODY from BODYSTRUCTURE: the same without its extension data (RFC 3501 §7.4.2)."""

from __future__ import annotations

import re

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_LITERAL = re.compile(rb"\{(\d+)\}\r\n")
_ATOM = re.compile(rb"[^ ()\"{]+")

_BASIC_FIELDS = 7  # type, subtype, parameters, id, description, encoding, octets


def without_extensions(structure: bytes) -> bytes:
    """`structure` as this store renders it, cut to what BODY shows."""
    return _body(structure, 0)[0]


def _body(text: bytes, at: int) -> tuple[bytes, int]:
    if text.startswith(b"((", at):
        return _multipart(text, at)
    end = _skip(text, at)
    fields: list[bytes] = []
    at += 1
    while len(fields) < _BASIC_FIELDS:
        at = _field(text, at, fields)
    kind = fields[0].upper(), fields[1].upper()
    if kind == (b'"MESSAGE"', b'"RFC822"') and text.startswith(b"(", at):  # unless it lay too deep to be opened
        at = _field(text, at, fields)
        inner, at = _body(text, at)
        fields.append(inner)
        _field(text, at + 1, fields)
    elif kind[0] == b'"TEXT"':
        _field(text, at, fields)
    return b"(" + b" ".join(fields) + b")", end


def _multipart(text: bytes, at: int) -> tuple[bytes, int]:
    end = _skip(text, at)
    parts = []
    at += 1
    while text.startswith(b"(", at):
        part, at = _body(text, at)
        parts.append(part)
    subtype: list[bytes] = []
    _field(text, at + 1, subtype)
    return b"(" + b"".join(parts) + b" " + subtype[0] + b")", end


def _field(text: bytes, at: int, fields: list[bytes]) -> int:
    end = _skip(text, at)
    fields.append(text[at:end])
    return end + 1 if text.startswith(b" ", end) else end


def _skip(text: bytes, at: int) -> int:
    """Where the value that begins at `at` ends."""
    depth = 0
    while True:
        octet = text[at : at + 1]
        if octet == b"(":
            depth += 1
            at += 1
        elif octet == b")":
            depth -= 1
            at += 1
        elif octet == b'"':
            at = _end_of(_STRING, text, at)
        elif octet == b"{":
            mark = _LITERAL.match(text, at)
            at = mark.end() + int(mark.group(1)) if mark else at + 1
        elif octet == b" ":
            at += 1
        else:
            at = _end_of(_ATOM, text, at)
        if depth == 0 or at >= len(text):
            return at


def _end_of(pattern: re.Pattern[bytes], text: bytes, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else len(text)
