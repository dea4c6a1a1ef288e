"""Messages made to cost much: each grows with the octets that are asked for, and is bad in one way."""

from __future__ import annotations

from collections.abc import Callable

from shared.testing.messages.load import many_headers, many_parts, nested_messages, nested_multiparts


def repeated(unit: bytes, before: bytes = b"", after: bytes = b"\r\n\r\nbody") -> Callable[[int], bytes]:
    return lambda size: before + unit * (size // len(unit)) + after


def numbered(unit: bytes, before: bytes) -> Callable[[int], bytes]:
    return lambda size: before + b"".join(unit % n for n in range(size // len(unit))) + b"\r\n\r\nbody"


MULTIPART = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
STAIRS = b"".join(  # every boundary begins the next
    b"Content-Type: multipart/mixed; boundary=%b\r\n\r\n--%b\r\n" % (b"b" * n, b"b" * n) for n in range(1, 49)
)
HOSTILE: dict[str, Callable[[int], bytes]] = {  # by name, the message of about so many octets
    "nested multiparts": lambda size: nested_multiparts(size // 60),
    "nested messages": lambda size: nested_messages(size // 130),
    "many headers": lambda size: many_headers(size // 17),
    "many parts": lambda size: many_parts(size // 13),
    "dashes": repeated(b"\n--", MULTIPART),
    "boundary lines": repeated(b"\r\n--b", MULTIPART),
    "lines that begin like boundaries": repeated(b"\n--bbbbc", STAIRS.replace(b"boundary=b", b"boundary=cb")),
    "lines of many boundaries": repeated(b"\n--" + b"b" * 60, STAIRS),
    "siblings whose boundaries never come": numbered(b"--b\nContent-Type: multipart/x; boundary=n%d\n\nx\n", MULTIPART),
    "the same boundary again and again": repeated(b"--b\r\n" + MULTIPART, MULTIPART),
    "messages that share their lines": repeated(b"\n", b"Content-Type: message/rfc822\n\n" * 49),
    "commas": repeated(b",", b"To: a@b"),
    "escaped quotes": repeated(b'\\"', b'To: "'),
    "open comments": repeated(b"(", b"To: "),
    "open brackets": repeated(b"<[", b"To: "),
    "at signs": repeated(b"@", b"To: "),
    "routes": repeated(b"@a,", b"To: <"),
    "dots": repeated(b". ", b"To: ", b"@b\r\n\r\n"),
    "address fields": repeated(b"To: a@b\r\n"),
    "folds": repeated(b"\r\n b", b"Subject: a"),
    "parameters": repeated(b"; a=b", b"Content-Type: text/plain"),
    "continuations": numbered(b"; a*%d=b", b"Content-Type: text/plain"),
    "parameters that are none": repeated(b";(\\", b"Content-Type: text/plain"),
    "quotes in parameters": repeated(b';"', b"Content-Type: text/plain"),
    "languages": repeated(b"(,", b"Content-Language: "),
    "encoded words begun": repeated(b"=?utf-8?q?a", b"Subject: ", b"\r\n\r\n\xff"),
    "encoded words of other charsets": repeated(b"=?a?b?x?", b"Subject: ", b"\r\n\r\n\xff"),
    "question marks": repeated(b"?", b"Subject: =?a?q?x", b"\r\n\r\n\xff"),
    "base64 padding": repeated(b"YQ==", b"Content-Transfer-Encoding: base64\r\n\r\n", b""),
    "combining marks": repeated("\u0315\u0300".encode(), b"Content-Type: text/plain; charset=utf-8\r\n\r\n", b""),
    "character references": repeated(b"&a", b"Content-Type: text/html\r\n\r\n", b""),
    "a long character reference": repeated(b"9", b"Content-Type: text/html\r\n\r\n&#", b""),
    "shifts": repeated(b"+AGE", b"Content-Type: text/plain; charset=utf-7\r\n\r\n", b""),
}
