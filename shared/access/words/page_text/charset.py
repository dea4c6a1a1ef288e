"""Octets of a web page to text, as browsers do it: byte order mark, Content-Type, <meta>, else what fits."""

from __future__ import annotations

import codecs
import re
from typing import Protocol

from shared.access.words.page_text.language_charset import guessed_codec, language_of
from shared.messages.charset import codec_of

SNIFFED_OCTETS = 1024  # where <meta charset> must be (HTML Standard §4.2.5.4)
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf_8"), (b"\xff\xfe", "utf_16_le"), (b"\xfe\xff", "utf_16_be"))
_LONGEST_MARK = 3
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_META = re.compile(rb"<meta[\s/][^<>]*?charset\s*=\s*[\"']?\s*([^\s\"'/<>;]+)", re.IGNORECASE)
_XML_DECLARATION = re.compile(rb"\s*<\?xml\s[^<>]*?encoding\s*=\s*[\"']([^\"'<>]+)")
_PARAMETER = re.compile(rb";\s*charset\s*=\s*[\"']?\s*([^\s\"';,]+)", re.IGNORECASE)
_NOT_ASCII = bytes(range(0x80, 0x100))
_TELLING_OCTETS = 256  # that are not ASCII: enough to tell the charset from others
_LONGEST_SAMPLE = 8 << 10  # octets that wait for these; what is so rare decides less
_ISO_2022_JP = re.compile(rb"\x1b\$[@B]")  # where two-byte characters begin; without them all is ASCII
_ESCAPE_BEGUN = re.compile(rb"\x1b\$?\Z")
_NOT_ON_THE_WEB = frozenset(("utf_7", "utf_32", "utf_32_le", "utf_32_be"))  # Encoding Standard §4.2


class _Decoder(Protocol):
    def decode(self, octets: bytes, final: bool = False) -> str: ...


class PageDecoder:
    """One page's octets to text; a character may be spread over pieces. Never fails: what does not fit is U+FFFD."""

    def __init__(self, content_type: bytes) -> None:
        """`content_type` is the whole value of the Content-Type field."""
        named = _PARAMETER.search(content_type)
        self._of_header = _codec(named[1]) if named else ""
        self._head = b""  # kept until it tells the charset
        self._decoder: _Decoder | None = None

    @property
    def is_unknown(self) -> bool:
        """Whether the page is in a charset that nothing tells: then some of its text is missing."""
        return isinstance(self._decoder, _Undeclared) and self._decoder.is_unknown

    def decode(self, octets: bytes, final: bool = False) -> str:
        """The text of the next octets; with `final`, no more will come."""
        if self._decoder is not None:
            return self._decoder.decode(octets, final)
        self._head += octets
        enough = _LONGEST_MARK if self._of_header else SNIFFED_OCTETS
        if len(self._head) < enough and not final:
            return ""
        head, self._head = self._head, b""
        mark, codec = _byte_order_mark(head)
        codec = codec or self._of_header or _declared_codec(head[:SNIFFED_OCTETS])
        self._decoder = codecs.getincrementaldecoder(codec)("replace") if codec else _Undeclared(_language(head))
        return self._decoder.decode(head[len(mark) :], final)


class _Undeclared:
    """UTF-8, and from the first octet on that does not fit it the charset that the page's language suggests."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._utf_8: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf_8")("strict")
        self._guessed: codecs.IncrementalDecoder | None = None
        self._kept = b""  # the sample that the charset is guessed from; before that the beginning of an escape sequence
        self.is_unknown = False

    def decode(self, octets: bytes, final: bool = False) -> str:
        """The text; "" while the charset is not decided, and from where none fits."""
        if self._guessed is not None:
            return self._guessed.decode(octets, final)
        if self._utf_8 is None:
            return self._guess(octets, final)
        if self._language == "ja":
            octets, self._kept = self._kept + octets, b""
            if escape := _ISO_2022_JP.search(octets):
                before = octets[: escape.start()].decode("utf_8", "replace")
                return before + self._go_on("iso2022_jp_ext", octets[escape.start() :], final)
            if not final and (begun := _ESCAPE_BEGUN.search(octets)):
                octets, self._kept = octets[: begun.start()], begun[0]
        return self._read_utf_8(self._utf_8, octets, final)

    def _read_utf_8(self, decoder: codecs.IncrementalDecoder, octets: bytes, final: bool) -> str:
        begun = decoder.getstate()[0]  # the first octets of a character that is not complete
        try:
            return decoder.decode(octets, final)
        except UnicodeDecodeError as error:
            self._utf_8, rest = None, begun + octets
            rest, self._kept = rest + self._kept, b""
            return rest[: error.start].decode("utf_8") + self._guess(rest[error.start :], final)

    def _guess(self, octets: bytes, final: bool) -> str:
        if self.is_unknown:
            return ""
        self._kept += octets
        telling = len(self._kept) - len(self._kept.translate(None, _NOT_ASCII))
        if telling < _TELLING_OCTETS and len(self._kept) < _LONGEST_SAMPLE and not final:
            return ""
        sample, self._kept = self._kept, b""
        codec = guessed_codec(self._language, sample)
        self.is_unknown = not codec
        return self._go_on(codec, sample, final) if codec else ""

    def _go_on(self, codec: str, octets: bytes, final: bool) -> str:
        self._guessed = codecs.getincrementaldecoder(codec)("replace")
        return self._guessed.decode(octets, final)


def _byte_order_mark(head: bytes) -> tuple[bytes, str]:
    for mark, codec in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return mark, codec
    return b"", ""


def _declared_codec(head: bytes) -> str:
    found = _META.search(_COMMENT.sub(b"", head)) or _XML_DECLARATION.match(head)
    codec = _codec(found[1]) if found else ""
    return "utf_8" if codec.startswith("utf_16") else codec  # it was read as ASCII, so it is not UTF-16


def _language(head: bytes) -> str:
    return language_of(_COMMENT.sub(b"", head))


def _codec(label: bytes) -> str:
    codec = codec_of(label.decode("latin-1"))
    if codec in _NOT_ON_THE_WEB:
        return ""
    return "utf_16_le" if codec == "utf_16" else codec
