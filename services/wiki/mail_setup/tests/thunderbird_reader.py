"""A reader of autoconfig that takes what Thunderbird takes, and refuses what it skips (readFromXML.js, Sanitizer)."""

from __future__ import annotations

import re
from typing import NamedTuple

from lxml import etree

_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*|\[?[0-9A-Fa-f:.]+\]?")
_SECURITY = {"plain", "SSL", "STARTTLS"}
_AUTHENTICATION = {"password-cleartext", "password-encrypted", "NTLM", "GSSAPI", "TLS-client-cert", "OAuth2"}
_PLACEHOLDERS = {"%EMAILADDRESS%", "%EMAILLOCALPART%", "%EMAILDOMAIN%"}
_FIELDS = ["hostname", "port", "socketType", "username", "authentication"]


class ReadServer(NamedTuple):
    """A server of the document."""

    kind: str
    host: str
    port: int
    security: str
    name: str


def read_autoconfig(octets: bytes, domain: str) -> list[ReadServer]:
    """The servers for `domain`, in their order. Raises AssertionError for whatever is not as the format wants it."""
    assert octets.startswith(b"<?xml ")
    root = etree.fromstring(octets, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    assert (root.tag, root.get("version")) == ("clientConfig", "1.1")
    (provider,) = root
    assert provider.tag == "emailProvider"
    assert _HOST.fullmatch(provider.get("id", "")), "the id is a domain"
    assert [each.text for each in provider.iterfind("domain")] == [domain]
    assert (provider.findtext("displayName") or "").strip()
    servers = [*map(_read_server, provider.iterfind("incomingServer"))]
    assert servers, "a configuration needs an incoming server"
    sending = [*map(_read_server, provider.iterfind("outgoingServer"))]
    assert sending, "a configuration needs an outgoing server"
    assert {each.kind for each in servers} <= {"imap", "pop3"}
    assert {each.kind for each in sending} == {"smtp"}
    known = {"domain", "displayName", "displayShortName", "incomingServer", "outgoingServer"}
    assert {each.tag for each in provider} <= known
    return [*servers, *sending]


def _read_server(element: etree._Element) -> ReadServer:
    texts = {each.tag: each.text or "" for each in element}
    assert list(texts) == _FIELDS
    assert _HOST.fullmatch(texts["hostname"])
    assert texts["port"].isdecimal()
    assert 1 <= int(texts["port"]) <= 65_535
    assert texts["socketType"] in _SECURITY
    assert texts["authentication"] in _AUTHENTICATION
    assert texts["username"] in _PLACEHOLDERS
    return ReadServer(
        element.get("type", ""), texts["hostname"], int(texts["port"]), texts["socketType"], texts["username"]
    )
