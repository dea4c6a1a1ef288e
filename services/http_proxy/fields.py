"""The field lines of a head or a trailer section: their syntax, and which of them end at this proxy.

A head is bytes until it is sent on: one pass of a regular expression says whether it is well-formed, one loop over its
lines sorts out the few that concern a proxy. The others are sent on as they came.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from services.http_proxy.errors import AmbiguousLength, BadHead, HeadTooLarge, UnknownCoding
from shared.bounded_cache import remembers

MOST_HEAD_OCTETS = 64 * 1024  # common servers take 8 to 16 KiB; single sign-on cookies fill twice that
MOST_FIELD_LINES = 200  # browsers send 20; Apache takes 100
LONGEST_LENGTH = 18  # digits of a Content-Length: 10^18 octets are more than anybody has
CHUNKED = -1  # as a body's length: it says itself where it ends
UNTIL_CLOSE = -2  # as a response's: it ends with the connection

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]"  # RFC 9110 §5.6.2
VALUE = rb"[^\x00-\x08\x0a-\x1f\x7f]"  # RFC 9110 §5.5, with obs-text
# Possessive: there is one way to match, and a head that does not match costs no second attempt.
_LINES = re.compile(rb"(?:" + TOKEN + rb"++:" + VALUE + rb"*+\r\n)*+")

# What belongs to one connection only (RFC 9110 §7.6.1), and what we write ourselves.
HOP_BY_HOP = frozenset(
    (
        b"connection", b"proxy-connection", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade",
        b"proxy-authorization", b"proxy-authenticate", b"proxy-authentication-info", b"content-length",
        b"http2-settings",
    )
)  # fmt: skip
# Never in a trailer section: framing, routing, authentication (RFC 9110 §6.5.1).
NOT_IN_TRAILERS = HOP_BY_HOP | frozenset(
    (
        b"host", b"content-encoding", b"content-type", b"content-range", b"authorization", b"set-cookie", b"cookie",
        b"www-authenticate", b"expect", b"max-forwards", b"cache-control", b"via", b"location", b"te",
    )
)  # fmt: skip

Noted = dict[bytes, list[bytes]]


def check_lines(section: bytes) -> None:
    """`section` is field lines with their CRLF, nothing else. Raises BadHead, HeadTooLarge."""
    if section.count(b"\n") > MOST_FIELD_LINES:
        raise HeadTooLarge
    if not _LINES.fullmatch(section):
        raise BadHead


def sort_lines(section: bytes, ending: frozenset[bytes], noted_too: frozenset[bytes]) -> tuple[list[bytes], Noted]:
    """The lines that go on, and the values of those that end here or are `noted_too`, by lower-case name.

    A name that is in `ending` but for underscores in place of hyphens ends here, too, and is noted as it is spelled:
    CGI, WSGI and PHP take `Content_Length` for Content-Length.
    `section` is well-formed and without the CRLF of its last line.
    """
    kept: list[bytes] = []
    noted: Noted = {}
    for line in section.split(b"\r\n") if section else ():
        name = line[: line.find(b":")].lower()
        if name in ending:
            noted.setdefault(name, []).append(line[len(name) + 1 :].strip(b" \t"))
        else:
            kept.append(line)
            if name in noted_too:
                noted.setdefault(name, []).append(line[len(name) + 1 :].strip(b" \t"))
    if b"_" in section:
        kept = _without_disguised(kept, ending, noted)
    return kept, noted


def _without_disguised(kept: list[bytes], ending: frozenset[bytes], noted: Noted) -> list[bytes]:
    left: list[bytes] = []
    for line in kept:
        name = line[: line.find(b":")].lower()
        if b"_" in name and name.replace(b"_", b"-") in ending:
            noted.setdefault(name, [])
        else:
            left.append(line)
    return left


def words(values: Iterable[bytes]) -> frozenset[bytes]:
    """The members of a list of tokens, in lower case."""
    return _words(b",".join(values))


@remembers(most=1024)  # programs say the same few things each time
def _words(value: bytes) -> frozenset[bytes]:
    return frozenset(word.strip(b" \t").lower() for word in value.split(b",")) - {b""}


def without_nominated(kept: list[bytes], options: frozenset[bytes]) -> list[bytes]:
    """The lines but those that Connection names (RFC 9110 §7.6.1)."""
    return [line for line in kept if line[: line.find(b":")].lower() not in options]


def body_length(noted: Noted, repeated: bool = False) -> int | None:
    """The body's length as the fields say it: octets, CHUNKED, or None when they say nothing.

    `repeated`: the same Content-Length may be said several times (RFC 9110 §8.6). Raises AmbiguousLength,
    UnknownCoding: what else RFC 9112 §6.3 lets a recipient repair is refused, because the next one may repair it
    otherwise.
    """
    codings = noted.get(b"transfer-encoding")
    lengths = noted.get(b"content-length")
    if codings is not None:
        if lengths is not None or len(codings) > 1:
            raise AmbiguousLength
        coding = codings[0].lower()
        if coding == b"chunked":
            return CHUNKED
        if coding.endswith(b"chunked") and coding.count(b"chunked") == 1:
            raise UnknownCoding
        raise AmbiguousLength
    if lengths is None:
        return None
    if repeated and (len(lengths) > 1 or b"," in lengths[0]):
        lengths = list({each.strip(b" \t") for value in lengths for each in value.split(b",")})
    if len(lengths) > 1 or not lengths[0].isdigit() or len(lengths[0]) > LONGEST_LENGTH:
        raise AmbiguousLength
    return int(lengths[0])
