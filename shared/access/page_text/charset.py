"""Octets of a web page to text, as browsers do it: byte order mark, Content-Type, <meta>, else what fits."""

from __future__ import annotations

import codecs
import re
from typing import Protocol

from shared.messages.charset import codec_of

SNIFFED_OCTETS = 1024  # where <meta charset> must be (HTML Standard §4.2.5.4)
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf_8"), (b"\xff\xfe", "utf_16_le"), (b"\xfe\xff", "utf_16_be"))
_LONGEST_MARK = 3
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_META = re.compile(rb"<meta[\s/][^<>]*?charset\s*=\s*[\"']?\s*([^\s\"'/<>;]+)", re.IGNORECASE)
_XML_DECLARATION = re.compile(rb"\s*<\?xml\s[^<>]*?encoding\s*=\s*[\"']([^\"'<>]+)")
_PARAMETER = re.compile(rb";\s*charset\s*=\s*[\"']?\s*([^\s\"';,]+)", re.IGNORECASE)
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
        self._decoder = codecs.getincrementaldecoder(codec)("replace") if codec else _Undeclared()
        return self._decoder.decode(head[len(mark) :], final)


class _Undeclared:
    """UTF-8, and from the first octet on that does not fit it windows-1252: the two most likely."""

    def __init__(self) -> None:
        self._decoder: codecs.IncrementalDecoder = codecs.getincrementaldecoder("utf_8")("strict")

    def decode(self, octets: bytes, final: bool = False) -> str:
        begun = self._decoder.getstate()[0]  # the first octets of a character that is not complete
        try:
            return self._decoder.decode(octets, final)
        except UnicodeDecodeError as error:
            octets = begun + octets
            good = octets[: error.start].decode("utf_8")
            self._decoder = codecs.getincrementaldecoder("cp1252")("replace")
            return good + self._decoder.decode(octets[error.start :], final)


def _byte_order_mark(head: bytes) -> tuple[bytes, str]:
    for mark, codec in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return mark, codec
    return b"", ""


def _declared_codec(head: bytes) -> str:
    found = _META.search(_COMMENT.sub(b"", head)) or _XML_DECLARATION.match(head)
    codec = _codec(found[1]) if found else ""
    return "utf_8" if codec.startswith("utf_16") else codec  # it was read as ASCII, so it is not UTF-16


def _codec(label: bytes) -> str:
    codec = codec_of(label.decode("latin-1"))
    if codec in _NOT_ON_THE_WEB:
        return ""
    return "utf_16_le" if codec == "utf_16" else codec
