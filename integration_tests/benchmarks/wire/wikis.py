"""A wiki under load: ours by its plain paths, DokuWiki by its pages and XML-RPC."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Protocol
from urllib.parse import quote
from xml.sax.saxutils import escape

from integration_tests.benchmarks.server import Server
from integration_tests.benchmarks.wire.http import connect

_COOKIE = re.compile(rb"(?im)^set-cookie: ([^=;\r\n]+)=([^;\r\n]*)")
_SUMMARY = "<struct><member><name>sum</name><value><string>bench</string></value></member></struct>"


class Wiki(Protocol):
    """How a wiki is asked: whole requests, for connections that are kept."""

    def get(self, name: str, fields: bytes = b"") -> bytes: ...

    def save(self, name: str, text: str) -> bytes: ...

    def search(self, word: str) -> bytes: ...


class Plain:
    """PUT and GET at a page's own address, with Basic."""

    def __init__(self, server: Server) -> None:
        credentials = b64encode(f"{server.account(0)}:{server.password}".encode())
        self._host = f"Host: {server.host}:{server.web_port}\r\n".encode()
        self._signed = b"Authorization: Basic " + credentials + b"\r\n"

    def get(self, name: str, fields: bytes = b"") -> bytes:
        """As a stranger's browser asks."""
        return b"GET /%b HTTP/1.1\r\n%bAccept: text/html\r\n%b\r\n" % (quote(name).encode(), self._host, fields)

    def save(self, name: str, text: str) -> bytes:
        """A new page, or a new revision of it."""
        body = text.encode()
        head = b"PUT /%b HTTP/1.1\r\n%b%bContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n"
        return head % (quote(name).encode(), self._host, self._signed, len(body)) + body

    def search(self, word: str) -> bytes:
        """The page of results."""
        return b"GET /search?q=%b HTTP/1.1\r\n%bAccept: text/html\r\n\r\n" % (quote(word).encode(), self._host)


class DokuWiki:
    """Pages by doku.php, saves by XML-RPC, signed in once with a cookie."""

    def __init__(self, server: Server) -> None:
        self._host = f"Host: {server.host}:{server.web_port}\r\n".encode()
        self._cookie = b""
        asked = self._call(
            "dokuwiki.login", f"<string>{server.wiki_account}</string>", f"<string>{server.password}</string>"
        )
        with connect(server.host, server.web_port) as connection:
            connection.sendall(asked)
            head = connection.recv(65536).partition(b"\r\n\r\n")[0]
        cookies = {name: value for name, value in _COOKIE.findall(head) if value != b"deleted"}
        if not cookies:
            raise RuntimeError(f"{server.name} does not let {server.wiki_account} in: {head[:80]!r}")
        self._cookie = b"Cookie: %b\r\n" % b"; ".join(b"%b=%b" % pair for pair in cookies.items())

    def get(self, name: str, fields: bytes = b"") -> bytes:
        """As a stranger's browser asks."""
        return b"GET /doku.php?id=%b HTTP/1.1\r\n%b%b\r\n" % (quote(name.lower()).encode(), self._host, fields)

    def save(self, name: str, text: str) -> bytes:
        """A new page, or a new revision of it."""
        return self._call(
            "wiki.putPage", f"<string>{name.lower()}</string>", f"<string>{escape(text)}</string>", _SUMMARY
        )

    def search(self, word: str) -> bytes:
        """The page of results."""
        return b"GET /doku.php?do=search&q=%b HTTP/1.1\r\n%b\r\n" % (quote(word).encode(), self._host)

    def _call(self, method: str, *values: str) -> bytes:
        parameters = "".join(f"<param><value>{value}</value></param>" for value in values)
        body = (
            f'<?xml version="1.0"?><methodCall><methodName>{method}</methodName>'
            f"<params>{parameters}</params></methodCall>"
        ).encode()
        head = b"POST /lib/exe/xmlrpc.php HTTP/1.1\r\n%b%bContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n"
        return head % (self._host, self._cookie, len(body)) + body


def wiki_of(server: Server) -> Wiki:
    """The server's wiki."""
    return DokuWiki(server) if server.wiki_account else Plain(server)
