"""The overview of an article: what a newsreader shows of it in a list (RFC 3977 §8)."""

from __future__ import annotations

from collections.abc import Callable
from mmap import mmap
from typing import NamedTuple

from shared.messages.find import count
from shared.messages.header_fields import HeaderFields
from shared.messages.scan import end_of_header

# The longest line of a header (RFC 5322 §2.1.1), and of References as they may be posted (RFC 5537 §3.4.4). A line of
# the overview is then shorter than 5 KiB; newsreaders have buffers of fixed size for it.
MOST_FIELD_OCTETS = 998
_WORD_OCTETS = 100  # a text is cut at a blank if there is one among the last so many octets
_HEADER_OCTETS = 256 << 10  # fields behind this much of a header are not seen, as in shared/messages/scan.py
_BLANKS = bytes.maketrans(b"\0\t\r\n", b"    ")


class OverviewFields(NamedTuple):
    """Texts are one line each, without TAB, CR, LF and NUL, at most MOST_FIELD_OCTETS, empty without the field."""

    subject: bytes
    from_: bytes
    date: bytes
    identifier: bytes  # Message-ID
    references: bytes
    octets: int  # as RFC 3977's :bytes
    lines: int  # of the body, as its :lines


def overview_fields(octets: bytes | mmap) -> OverviewFields:
    """The overview of the message `octets`, whose lines end with CR LF. Never raises.

    Of a field that occurs twice the first counts. What is too long is cut: texts behind a word, of References the
    oldest but the first go, for it begins the thread and the last ones say where in it the article belongs.
    """
    size = len(octets)
    body = end_of_header(octets, 0, size)
    fields = HeaderFields(octets[: min(body, _HEADER_OCTETS)])

    def value(name: bytes) -> bytes:
        first = fields.first(name)
        return b"" if first is None else fields.value(first)

    return overview_of(value, size, body_lines(octets, body))


def overview_of(value: Callable[[bytes], bytes], octets: int, lines: int) -> OverviewFields:
    """The same of a header that is read already: `value` gives what a field (in lower case) holds, folded or not."""
    return OverviewFields(
        _text(_one_line(value(b"subject"))),
        _text(_one_line(value(b"from"))),
        _text(_one_line(value(b"date"))),
        _text(_one_line(value(b"message-id"))),
        _references(_one_line(value(b"references"))),
        octets,
        lines,
    )


def body_lines(octets: bytes | mmap, body: int) -> int:
    """How many lines the body has that begins at `body`; the last one is one without its end, too."""
    size = len(octets)
    lines = count(octets, b"\n", body, size)
    return lines + 1 if body < size and octets[size - 1 : size] != b"\n" else lines


def _one_line(value: bytes) -> bytes:
    """RFC 3977 §8.3.2."""
    return value.replace(b"\r\n", b"").translate(_BLANKS).strip(b" ")


def _text(value: bytes) -> bytes:
    if len(value) <= MOST_FIELD_OCTETS:
        return value
    end = value.rfind(b" ", MOST_FIELD_OCTETS - _WORD_OCTETS, MOST_FIELD_OCTETS)
    if end < 0:
        end = MOST_FIELD_OCTETS
        while end > MOST_FIELD_OCTETS - 4 and value[end] & 0xC0 == 0x80:  # inside a character of UTF-8
            end -= 1
    return value[:end].rstrip(b" ")


def _references(value: bytes) -> bytes:
    if len(value) <= MOST_FIELD_OCTETS:
        return value
    first = value[: MOST_FIELD_OCTETS + 1].partition(b" ")[0]
    if len(first) > MOST_FIELD_OCTETS // 2:
        first = b""
    room = MOST_FIELD_OCTETS - len(first)
    last = value[-room:].partition(b" ")[2].strip(b" ")  # before the first blank may be half an identifier
    return b" ".join(filter(None, (first, last)))
