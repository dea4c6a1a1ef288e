"""The configuration profile that iPhones, iPads and Macs install. It has no password: the device asks for it."""

from __future__ import annotations

import plistlib
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from services.wiki.mail_setup.servers import AskedAbout, MailServer, about_address, asked_about, whole_set_up
from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer
from services.wiki.site.request import WebRequest
from services.wiki.visitor import visitor_of

PATH = "/mail/apple.mobileconfig"
PROFILE = b"application/x-apple-aspen-config"
_TYPES = {"imap": "EmailTypeIMAP", "pop3": "EmailTypePOP"}


async def show_profile(parts: WikiParts, request: WebRequest) -> Answer:
    """For the query's `emailaddress`, else for the visitor's own; else the device asks for the address, too.

    Raises NotHere, SignInFailed, StoreUnavailable.
    """
    visitor = await visitor_of(parts, request)
    full_name = None
    if visitor.account is not None and "emailaddress" not in request.query:
        asked = await about_address(parts, f"{visitor.account.name}@{parts.names.mail_domain}")
        full_name = visitor.account.full_name
    else:
        asked = await asked_about(parts, request)
    profile = make_profile(asked, parts.site_name, full_name, *_two_servers(parts))
    fields = {b"content-disposition": b'attachment; filename="mail.mobileconfig"'}
    return Answer(200, plistlib.dumps(profile), PROFILE, fields, cache=b"no-store")


def _two_servers(parts: WikiParts) -> tuple[MailServer, MailServer]:
    """The first to read mail from and the first to send it by."""
    servers = whole_set_up(parts.settings)
    incoming = next(server for server in servers if server.is_incoming)
    return incoming, next(server for server in servers if not server.is_incoming)


def make_profile(
    asked: AskedAbout, name: str, full_name: str | None, incoming: MailServer, outgoing: MailServer
) -> dict[str, Any]:
    """The profile (Apple's Configuration Profile Reference, Mail). A device replaces one of the same identifier."""
    about = asked.address or asked.domain
    identifier = ".".join(reversed(asked.domain.split(".")))
    account: dict[str, Any] = {
        "PayloadType": "com.apple.mail.managed",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"{identifier}.mail.account",
        "PayloadUUID": _uuid(f"mailto:{about}#account"),
        "PayloadDisplayName": about,
        "EmailAccountDescription": about,
        "EmailAccountType": _TYPES[incoming.kind],
        "OutgoingPasswordSameAsIncomingPassword": True,
    }
    if full_name:
        account["EmailAccountName"] = full_name
    if asked.address is not None:
        account["EmailAddress"] = asked.address
    for direction, server in (("Incoming", incoming), ("Outgoing", outgoing)):
        account[f"{direction}MailServerHostName"] = server.host
        account[f"{direction}MailServerPortNumber"] = server.port
        account[f"{direction}MailServerUseSSL"] = True  # at a port without TLS it is begun by STARTTLS
        account[f"{direction}MailServerAuthentication"] = "EmailAuthPassword"
        if asked.address is not None:
            account[f"{direction}MailServerUsername"] = asked.address
    return {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"{identifier}.mail",
        "PayloadUUID": _uuid(f"mailto:{about}"),
        "PayloadDisplayName": f"{name}: {about}",
        "PayloadDescription": f"Mail of {about}. The password is asked for when the profile is installed.",
        "PayloadOrganization": name,
        "PayloadContent": [account],
    }


def _uuid(about: str) -> str:
    """The same for the same address each time."""
    return str(uuid5(NAMESPACE_URL, about)).upper()
