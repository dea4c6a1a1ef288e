"""The policy about TLS of the mail domains here (MTA-STS, RFC 8461 §3.3), for the host `mta-sts.` and a domain."""

from __future__ import annotations

from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer
from services.wiki.site.errors import NotHere
from services.wiki.site.request import WebRequest
from services.wiki.site.route import WebApp, route
from shared.mail.domains import is_domain
from shared.outbound.mta_sts.own_policy import own_policy

HOST = "mta-sts."


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """`/.well-known/mta-sts.txt`."""
    route(app, parts, "/.well-known/mta-sts.txt", show_policy)


async def show_policy(parts: WikiParts, request: WebRequest) -> Answer:
    """The policy. Raises NotHere for another host, for a domain that is not here, and where no policy is wanted."""
    settings = parts.settings
    policy = own_policy(settings.mail_tls_policy, settings.hostname)
    host = request.getRequestHostname().decode("latin-1").lower()
    if not policy or not host.startswith(HOST):
        raise NotHere
    if not await parts.database.read(is_domain, host.removeprefix(HOST)):
        raise NotHere
    return Answer(200, policy.encode(), b"text/plain", cache=b"no-store")
