"""The field lines of a head or a trailer section: their syntax, and which of them end at this proxy.

A head is bytes until it is sent on: one pass of a regular expression says whether it is well-formed, one loop over its
lines sorts out the few that concern a proxy. The others are sent on as they came.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from services.http_proxy.errors import AmbiguousLength, BadHead, HeadTooLarge, UnknownCoding
from shared.bounded_cache import remembers

MOST_HEAD_OCTETS = 64 * 1024  # common servers take 8 to 16 KiB; single sign-on cookies fill twice that
MOST_FIELD_LINES = 200  # browsers send 20; Apache takes 100
LONGEST_LENGTH = 18  # digits of a Content-Length: 10^18 octets are more than anybody has
CHUNKED = -1  # as a body's length: it says itself where it ends
UNTIL_CLOSE = -2  # as a response's: it ends with the connection

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]"  # RFC 9110 §5.6.2
VALUE = rb"[^\x00-\x08\x0a-\x1f\x7f]"  # RFC 9110 §5.5, with obs-text
# Possessive within a line: there is one way to match. The group of lines is not: before Python 3.11.4 a possessive
# group that fails behind its first octet leaves that octet taken (CPython's gh-101955).
LINES = rb"(?:" + TOKEN + rb"++:" + VALUE + rb"*+\r\n)*"
_LINES = re.compile(LINES)

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
KindOf = Callable[[bytes], tuple[bytes, bool] | None]


def check_lines(section: bytes) -> None:
    """`section` is field lines with their CRLF, nothing else. Raises BadHead, HeadTooLarge."""
    if section.count(b"\n") > MOST_FIELD_LINES:
        raise HeadTooLarge
    if not _LINES.fullmatch(section):
        raise BadHead


def kinds_of(ending: frozenset[bytes], noted_too: frozenset[bytes]) -> KindOf:
    """The kinds by which `sort_lines` sorts: for a name None if its line goes on, else the name in lower case and
    whether the line ends here.

    A name that is in `ending` but for underscores in place of hyphens ends here, too, and is noted as it is spelled:
    CGI, WSGI and PHP take `Content_Length` for Content-Length.
    """

    @remembers(most=4096, longest_octets=64)  # programs use the same names each time, in the same spelling
    def kind_of(spelled: bytes) -> tuple[bytes, bool] | None:
        name = spelled.lower()
        if name in ending or (b"_" in name and name.replace(b"_", b"-") in ending):
            return name, True
        return (name, False) if name in noted_too else None

    return kind_of


def sort_lines(section: bytes, kind_of: KindOf) -> tuple[list[bytes], Noted]:
    """The lines that go on, and the values of those that end here or are noted, too, by lower-case name.

    `section` is well-formed and without the CRLF of its last line.
    """
    kept: list[bytes] = []
    noted: Noted = {}
    for line in section.split(b"\r\n") if section else ():
        spelled, _, value = line.partition(b":")  # half of what find() and slices cost
        kind = kind_of(spelled)
        if kind is None:
            kept.append(line)
            continue
        name, ends = kind
        value = value.strip(b" \t")
        if name in noted:
            noted[name].append(value)
        else:
            noted[name] = [value]
        if not ends:
            kept.append(line)
    return kept, noted


def words(values: Iterable[bytes]) -> frozenset[bytes]:
    """The members of a list of tokens, in lower case."""
    return _words(b",".join(values))


@remembers(most=1024)  # programs send the same few values each time
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
    lengths = noted.get(b"content-length")
    if b"transfer-encoding" in noted:
        codings = noted[b"transfer-encoding"]
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
