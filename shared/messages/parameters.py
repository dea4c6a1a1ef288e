"""Media types and dispositions: a value with parameters, read leniently (RFC 2045 §5.1, RFC 2183, RFC 2231)."""

from __future__ import annotations

import re
from collections.abc import Iterator

Parameters = tuple[tuple[bytes, bytes], ...]

_TOKEN = rb"[^\x00- \x7f()<>@,;:\\\"/\[\]?=]++"
# The ordinary shape, in one match: token/token; token=token; token="no escapes".
_PLAIN_PARAMETERS = rb"((?:[ \t]*+;[ \t]*+" + _TOKEN + rb"=(?:" + _TOKEN + rb'|"[^"\\\x00]*+"))*);?'
_PLAIN_TYPE = re.compile(rb"(" + _TOKEN + rb")/(" + _TOKEN + rb")" + _PLAIN_PARAMETERS)
_PLAIN_DISPOSITION = re.compile(rb"(" + _TOKEN + rb")" + _PLAIN_PARAMETERS)
_PLAIN_PARAMETER = re.compile(rb";[ \t]*+([^=]++)=(?:\"([^\"]*+)\"|([^;\" \t]++))")

_SPACE_AND_COMMENTS = re.compile(rb"(?:[\x00- \x7f]++|\([^()\\]*+(?:\\.[^()\\]*+)*\))*", re.S)
_ANY_TOKEN = re.compile(_TOKEN)
# An unquoted value: to the next white space, semicolon, comment or quote; more than RFC 2045 allows is often sent.
_LOOSE_VALUE = re.compile(rb"[^\x00- \x7f;\"()]*+")
_QUOTED = re.compile(rb'"((?:[^"\\]++|\\.)*)"?', re.S)
_ESCAPED = re.compile(rb"\\(.)", re.S)
_TO_SEMICOLON = re.compile(rb"[^;\"]*+(?:\"(?:[^\"\\]++|\\.)*\"?[^;\"]*+)*", re.S)
_CONTINUATION = re.compile(rb"([^*]++)\*(0|[1-9][0-9]{0,3})(\*?)")

# More are not read from one value: ten thousand parts could each have thousands.
_MOST_PARAMETERS = 128
_STAR = ord("*")


def read_type(value: bytes) -> tuple[bytes, bytes, Parameters] | None:
    """(type, subtype, parameters) of a Content-Type value, in the header's own spelling; None if there is no type.

    The subtype is empty where the value names none.
    """
    plain = _PLAIN_TYPE.fullmatch(value)
    if plain and _STAR not in value:
        return plain[1], plain[2], _plain_parameters(plain[3])
    media_type, at = _token(value, 0)
    at = _skip(value, at)
    if not media_type:
        return None
    media_subtype = b""
    if value[at : at + 1] == b"/":
        media_subtype, at = _token(value, at + 1)
    return media_type, media_subtype, _parameters(value, at)


def read_disposition(value: bytes) -> tuple[bytes, Parameters] | None:
    """(disposition, parameters) of a Content-Disposition value (RFC 2183); None if it names no disposition."""
    plain = _PLAIN_DISPOSITION.fullmatch(value)
    if plain and _STAR not in value:
        return plain[1], _plain_parameters(plain[2])
    disposition, at = _token(value, 0)
    return (disposition, _parameters(value, at)) if disposition else None


def read_token(value: bytes) -> bytes:
    """The first token of `value`, comments skipped: what Content-Transfer-Encoding holds. Empty if there is none."""
    return _token(value, 0)[0]


def read_tokens(value: bytes) -> list[bytes]:
    """The comma-separated tokens of `value`: Content-Language (RFC 3282)."""
    items = value.split(b",", _MOST_PARAMETERS)[:_MOST_PARAMETERS]
    return [token for token in (_token(item, 0)[0] for item in items) if token]


def _plain_parameters(text: bytes) -> Parameters:
    found = _PLAIN_PARAMETER.findall(text)
    return tuple([(name, quoted or token) for name, quoted, token in found[:_MOST_PARAMETERS]])


def _skip(value: bytes, at: int) -> int:
    match = _SPACE_AND_COMMENTS.match(value, at)
    return match.end() if match else at


def _token(value: bytes, at: int) -> tuple[bytes, int]:
    match = _ANY_TOKEN.match(value, _skip(value, at))
    return (match[0], match.end()) if match else (b"", at)


def _parameters(value: bytes, at: int) -> Parameters:
    """The parameters after `at`; what is no parameter is skipped up to the next semicolon."""
    found = list(_each_parameter(value, at))
    if any(_STAR in name for name, _ in found):
        found = _join_continuations(found)
    return tuple(found)


def _each_parameter(value: bytes, at: int) -> Iterator[tuple[bytes, bytes]]:
    for _ in range(_MOST_PARAMETERS):
        if at >= len(value):
            return
        name, end = _token(value, at)
        end = _skip(value, end)
        if name and value[end : end + 1] == b"=":
            content, at = _value(value, _skip(value, end + 1))
            yield name, content
        rest = _TO_SEMICOLON.match(value, at)
        at = (rest.end() if rest else at) + 1


def _value(value: bytes, at: int) -> tuple[bytes, int]:
    quoted = _QUOTED.match(value, at)
    if quoted:
        return _ESCAPED.sub(rb"\1", quoted[1]), quoted.end()
    loose = _LOOSE_VALUE.match(value, at)
    return (loose[0].rstrip(b","), loose.end()) if loose else (b"", at)


def _join_continuations(parameters: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Put name*0, name*1 … together as `name`, or as `name*` where a piece is percent-encoded (RFC 2231 §3, §4.1).

    The encoding itself stays: clients decode it. Pieces that are not numbered 0, 1, 2 … stay as they are.
    """
    pieces: dict[bytes, dict[int, tuple[bytes, bytes, bool]]] = {}
    joined: list[tuple[bytes, bytes]] = []
    for name, value in parameters:
        match = _CONTINUATION.fullmatch(name)
        family = pieces.setdefault(match[1].lower(), {}) if match else {}
        if match is None or int(match[2]) in family:
            joined.append((name, value))
        else:
            family[int(match[2])] = (name, value, bool(match[3]))
    for family in pieces.values():
        numbers = sorted(family)
        if numbers == list(range(len(numbers))):
            encoded = any(starred for _, _, starred in family.values())
            name = family[0][0].partition(b"*")[0] + (b"*" if encoded else b"")
            joined.append((name, b"".join(family[number][1] for number in numbers)))
        else:
            joined.extend(family[number][:2] for number in numbers)
    return joined
