"""The text that a search looks into: decoded, and folded so that case and presentation forms do not matter."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from mmap import mmap

from shared.messages.address import MISSING_DOMAIN, MISSING_MAILBOX, read_addresses
from shared.messages.charset import codec_of, decode
from shared.messages.encoded_words import decode_words
from shared.messages.fields import unfold
from shared.messages.fold import fold, one_blank
from shared.messages.part import Kind, Part
from shared.messages.scan import end_of_header, scan, walk
from shared.messages.transfer_encoding import decode_transfer

# An attachment that is no text is looked into only where it is readable as it stands, and if it is no larger.
_PLAIN_ATTACHMENT_OCTETS = 1 << 20
# In 7-bit mail these give away that octets are not the text themselves: encoded words, transfer encodings, charsets
# that spell other characters in ASCII; and besides them ISO-2022's escape, and NUL for UTF-16.
# Octets are looked for by their numbers and words by `find`: `in` with bytes takes a tenth of a microsecond longer, as
# CPython first fails to read them as a number.
_NUL, _ESCAPE, _AMPERSAND, _QUESTION = b"\0\x1b&?"
_ENCODED_MARKS = (b"base64", b"quoted-printable", b"utf-7", b"utf7", b"hz-gb")


# Fields whose addresses are found however they are written, and what hides one: comments, and blanks around "@".
_ADDRESS_FIELDS = (b"from", b"to", b"cc", b"bcc", b"sender", b"reply-to")
_ADDRESS_LINES = re.compile(rb"\n(?:from|to|b?cc|sender|reply-to)[^\n]*")
_HIDES_ADDRESS = re.compile(rb'\(|[ \t][@.]|[@"][ \t]*@|@[ \t]')
_MAY_HIDE_ADDRESS = (b"(", b"@ ", b" @", b'"@', b" .", b"@@")  # looked for in half the time; tabs are blanks there
# Decoded and folded in one go: for a millisecond or two no other thread of the process may run.
_STEP_OCTETS = 64 << 10
_LONGEST_LINE_OCTETS = 4 * _STEP_OCTETS  # a longer one is decoded in pieces


class SearchText:
    """A message's text as a search compares it: put the needles through `searchable`, too."""

    __slots__ = ("_one_blank", "body_as_spaced", "header")

    def __init__(self, header: str, body_as_spaced: str) -> None:
        self.header = header  # of the message itself, one unfolded line per field
        # Everything after it: text, and the headers of parts and of messages inside; with the white space that is
        # there, which is all the same to a needle without any.
        self.body_as_spaced = body_as_spaced
        self._one_blank = False

    @property
    def body(self) -> str:
        """The same with one blank for each run of white space. To look for such runs takes as long as all the rest, so
        it is done when a needle with a blank comes, and then no more."""
        if not self._one_blank:
            self.body_as_spaced = one_blank(self.body_as_spaced)
            self._one_blank = True
        return self.body_as_spaced


def searchable(text: str) -> str:
    """`text` without differences that do not matter to a search: case, presentation forms, how much white space."""
    return one_blank(fold(text))


def search_text(octets: bytes | mmap, part: Part | None = None) -> SearchText:
    """The text of the message `octets`; `part` is its scan, if at hand. Never raises.

    The body's text is the body as it lies, preamble and boundary lines included, with each header decoded and the
    content of each part replaced: text by its characters, other content only where it is plain ASCII.
    """
    if isinstance(octets, bytes) and (plain := plain_ascii_search(octets)) is not None:
        return SearchText(plain[0].decode("ascii"), plain[1].decode("ascii"))
    root = part or scan(octets)
    return SearchText(
        search_header(octets[root.header_start : root.body_start]), "".join(map(fold, _body_texts(octets, root)))
    )


def stands_in(octets: bytes | mmap, needle: str, *, header_too: bool) -> bool:
    """Whether a needle stands in the body of a large message, or in its header: the same as to look into its
    `search_text`, in steps between which other threads may run, and without holding all of the text."""
    root = scan(octets)
    if header_too and needle in search_header(octets[root.header_start : root.body_start]):
        return True
    before = ""
    for text in _body_texts(octets, root):
        window = one_blank(before + fold(text))
        if needle in window:
            return True
        before = window[-len(needle) + 1 :] if len(needle) > 1 else ""
    return not needle


def plain_ascii_search(octets: bytes) -> tuple[bytes, bytes] | None:
    """(header, body) of a message that is its own text, as a search compares it but for white space in the body; None
    for one that has to be decoded.

    Most mail is so, and this is fifty times faster. Nothing is found here that `search_text` would not find.
    """
    if not octets.isascii():
        return None
    text = octets.lower()
    if _ESCAPE in text or _NUL in text:
        return None
    body_start = end_of_header(text, 0, len(text))
    header, body = text[:body_start], text[body_start:]
    content_at = header.find(b"content-")
    content_fields = header[content_at:] if content_at >= 0 else b""  # a part's encoding and charset are named there
    if content_fields.find(b"multipart/") >= 0 or content_fields.find(b"message/") >= 0:
        content_fields = header = text
    if _QUESTION in header and header.find(b"=?") >= 0:
        return None
    for mark in _ENCODED_MARKS:
        if content_fields.find(mark) >= 0:
            return None
    if _AMPERSAND in body and content_fields.find(b"text/html") >= 0:
        return None
    header = text[:body_start].replace(b"\t", b" ")
    return one_blank(_with_plain_addresses(unfold(header))), body


def search_header(header: bytes) -> str:
    """A message's header as a search compares it, one line per field."""
    return searchable(_decode_unfolded(_with_plain_addresses(unfold(header))))


def _with_plain_addresses(header: bytes) -> bytes:
    """An unfolded header whose address fields name each address also as ENVELOPE shows it, where it is not written so:
    `<ann (home)@ (here) example.org>` is found by ann@example.org."""
    lines = b"".join(_ADDRESS_LINES.findall(b"\n" + header.lower())).replace(b"\t", b" ")
    for mark in _MAY_HIDE_ADDRESS:
        if lines.find(mark) >= 0:
            return b"\n".join(map(_with_plain_address, header.split(b"\n")))
    return header


def _with_plain_address(line: bytes) -> bytes:
    name, _, value = line.partition(b":")
    if name.rstrip().lower() not in _ADDRESS_FIELDS or not _HIDES_ADDRESS.search(value):
        return line
    hidden = [
        address
        for _, _, mailbox, host in read_addresses(value)
        if mailbox and host and mailbox != MISSING_MAILBOX and host != MISSING_DOMAIN
        if (address := mailbox + b"@" + host) not in value
    ]
    return b" ".join([line, *hidden]) if hidden else line


def decode_header(header: bytes) -> str:
    """`header` as text, one line per field."""
    return _decode_unfolded(unfold(header))


def _decode_unfolded(header: bytes) -> str:
    if header.isascii() and header.find(b"=?") < 0:
        return header.decode("ascii")
    return "\n".join(map(decode_words, header.split(b"\n")))


def _body_texts(octets: bytes | mmap, root: Part) -> Iterator[str]:
    at = root.body_start
    for part in walk(root):
        if part is not root:
            yield from _as_text(octets, at, part.header_start)  # a preamble, a boundary line
            yield decode_header(octets[part.header_start : part.body_start])
        at = part.body_start
        if part.kind is Kind.LEAF:
            yield from _content(octets, part)
            at = part.end
    yield from _as_text(octets, at, root.end)  # an epilogue


def _content(octets: bytes | mmap, part: Part) -> Iterator[str]:
    encoding = part.encoding.lower()
    if part.media_type.lower() not in (b"text", b"message"):
        readable = encoding != b"base64" and part.end - part.body_start <= _PLAIN_ATTACHMENT_OCTETS
        content = octets[part.body_start : part.end] if readable else b""
        yield content.decode("ascii") if content.isascii() else ""
        return
    charset = (part.media.parameter(b"charset") or b"").decode("latin-1")
    texts = _as_text(octets, part.body_start, part.end, encoding, charset)
    yield from map(_unescape, texts) if part.media_subtype.lower() == b"html" else texts


def _as_text(octets: bytes | mmap, start: int, end: int, encoding: bytes = b"", charset: str = "") -> Iterator[str]:
    """Decoded text, line by line or more at a time; of a charset that is no superset of ASCII, all at once."""
    if end - start <= _STEP_OCTETS or _is_beyond_ascii(charset):
        yield decode(decode_transfer(octets[start:end], encoding), charset)
        return
    rest = b""
    for decoded in _decoded(octets, start, end, encoding):
        rest += decoded
        cut = rest.rfind(b"\n") + 1
        if not cut and len(rest) > _LONGEST_LINE_OCTETS:
            cut = len(rest)
        yield decode(rest[:cut], charset)
        rest = rest[cut:]
    yield decode(rest, charset)


def _is_beyond_ascii(charset: str) -> bool:
    return bool(charset) and codec_of(charset).startswith(("utf_7", "utf_16", "utf_32", "iso2022", "hz"))


def _decoded(octets: bytes | mmap, start: int, end: int, encoding: bytes) -> Iterator[bytes]:
    """Octets without their transfer encoding, about _STEP_OCTETS at a time."""
    rest = b""
    for at in range(start, end, _STEP_OCTETS):
        rest += octets[at : min(at + _STEP_OCTETS, end)]
        cut = len(rest)
        if encoding == b"base64":
            rest = rest.translate(None, b" \t\r\n")
            cut = len(rest) & ~3  # groups of four letters
        elif encoding == b"quoted-printable":
            cut = rest.rfind(b"\n") + 1 or (cut if cut > _LONGEST_LINE_OCTETS else 0)
        yield decode_transfer(rest[:cut], encoding)
        rest = rest[cut:]
    yield decode_transfer(rest, encoding)


def _unescape(text: str) -> str:
    try:
        return html.unescape(text)
    except ValueError:  # Python refuses a character reference of more than 4,300 digits
        return text
