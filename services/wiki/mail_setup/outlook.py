"""Autodiscover: Outlook's question about an address and the answer to it (MS-OXDSCLI), for IMAP, POP3 and SMTP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lxml import etree

from services.wiki.calls.errors import Unreadable
from services.wiki.mail_setup.servers import MailServer, about_address, best_of, whole_set_up
from services.wiki.mail_setup.thunderbird import XML
from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer
from services.wiki.site.errors import BadRequest, BodyTooLarge
from services.wiki.site.request import WebRequest
from services.wiki.soap.read_xml import Element, read_xml

MOST_OCTETS = 16 * 1024  # Outlook sends some 400
_ROOT = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
_ANSWER = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
INVALID_REQUEST, NO_SUCH_SCHEMA = 600, 601  # MS-OXDSCLI §2.2.4.1.1.2.1
_NAMES = {"imap": "IMAP", "pop3": "POP3", "smtp": "SMTP"}


class AutodiscoverQuestion(NamedTuple):
    """The address, and the form of the answer that is wanted; empty where nothing is said."""

    address: str
    schema: str


async def answer_autodiscover(parts: WikiParts, request: WebRequest) -> Answer:
    """The servers for the address in the body. Raises BodyTooLarge, BadRequest, NotHere, StoreUnavailable."""
    if request.body_octets > MOST_OCTETS:
        raise BodyTooLarge(f"The request has at most {MOST_OCTETS} octets.")
    try:
        question = _question_in(await read_xml(request.body(), parts.database.clock))
    except Unreadable as error:
        raise BadRequest(f"The request cannot be read: {error}.") from None
    if not question.address:
        return _answer(_error(INVALID_REQUEST, "Invalid Request"))
    if question.schema not in ("", _ANSWER):
        return _answer(_error(NO_SUCH_SCHEMA, "Provider is not available"))
    asked = await about_address(parts, question.address)
    return _answer(write_settings(asked.address or "", best_of(whole_set_up(parts.settings))))


def write_settings(address: str, servers: Sequence[MailServer]) -> bytes:
    """The answer with one server of each kind."""
    root, response = _response(_ANSWER)
    etree.SubElement(etree.SubElement(response, "User"), "DisplayName").text = address
    account = etree.SubElement(response, "Account")
    etree.SubElement(account, "AccountType").text = "email"
    etree.SubElement(account, "Action").text = "settings"
    for server in servers:
        protocol = etree.SubElement(account, "Protocol")
        for tag, text in _settings_of(server, address):
            etree.SubElement(protocol, tag).text = text
    return _written(root)


def _settings_of(server: MailServer, address: str) -> Iterator[tuple[str, str]]:
    yield from (("Type", _NAMES[server.kind]), ("Server", server.host), ("Port", str(server.port)))
    yield from (("LoginName", address), ("DomainRequired", "off"), ("SPA", "off"), ("SSL", "on"))
    yield "Encryption", "SSL" if server.tls else "TLS"  # TLS: by STARTTLS
    yield "AuthRequired", "on"
    if not server.is_incoming:
        yield from (("UsePOPAuth", "on"), ("SMTPLast", "off"))  # the password of the incoming server


def _question_in(root: Element) -> AutodiscoverQuestion:
    """The first of each element, in whatever name space: that is the answer's, and programs write it differently."""
    texts: dict[str, str] = {}
    waiting = [root]
    while waiting:
        element = waiting.pop()
        texts.setdefault(element.name, element.text.strip())
        waiting += reversed(element.children)
    return AutodiscoverQuestion(texts.get("EMailAddress", ""), texts.get("AcceptableResponseSchema", ""))


def _error(code: int, message: str) -> bytes:
    root, response = _response(_ROOT)
    error = etree.SubElement(response, "Error")
    etree.SubElement(error, "ErrorCode").text = str(code)
    etree.SubElement(error, "Message").text = message
    etree.SubElement(error, "DebugData")
    return _written(root)


def _response(space: str) -> tuple[etree._Element, etree._Element]:
    """The root, and the response in it, in the name space `space` with all below it."""
    root = etree.Element("Autodiscover", nsmap={None: _ROOT})
    return root, etree.SubElement(root, "Response", nsmap={None: space})


def _written(root: etree._Element) -> bytes:
    written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return written


def _answer(body: bytes) -> Answer:
    return Answer(200, body, XML, cache=b"no-store")
