"""Autoconfig: Thunderbird's description of a provider's servers, version 1.1, which other programs read as well."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from services.wiki.mail_setup.servers import MailServer, asked_about, whole_set_up
from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer
from services.wiki.site.request import WebRequest

XML = b"text/xml; charset=utf-8"
YOUR_ADDRESS = "%EMAILADDRESS%"  # the program puts in what was typed
PASSWORD = "password-cleartext"  # inside TLS


async def show_autoconfig(parts: WikiParts, request: WebRequest) -> Answer:
    """The servers, for an address or a host of ours. Raises NotHere, StoreUnavailable."""
    asked = await asked_about(parts, request)
    servers = whole_set_up(parts.settings)
    return Answer(200, write_autoconfig(asked.domain, parts.site_name, servers), XML, cache=b"no-cache")


def write_autoconfig(domain: str, name: str, servers: Sequence[MailServer]) -> bytes:
    """The document; servers of a kind are in the order of preference."""
    root = etree.Element("clientConfig", version="1.1")
    provider = etree.SubElement(root, "emailProvider", id=domain)
    for tag, text in (("domain", domain), ("displayName", name), ("displayShortName", name)):
        etree.SubElement(provider, tag).text = text
    for server in servers:
        tag = "incomingServer" if server.is_incoming else "outgoingServer"
        element = etree.SubElement(provider, tag, type=server.kind)
        for tag, text in (
            ("hostname", server.host),
            ("port", str(server.port)),
            ("socketType", "SSL" if server.tls else "STARTTLS"),
            ("username", YOUR_ADDRESS),
            ("authentication", PASSWORD),
        ):
            etree.SubElement(element, tag).text = text
    written: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return written
