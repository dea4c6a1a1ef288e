"""The page behind the link in the question whether somebody's mail may be sent on to one's address."""

from __future__ import annotations

from services.wiki.members.own_forwards import site_url
from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer
from services.wiki.site.render import render
from services.wiki.site.request import WebRequest
from services.wiki.site.route import WebApp, route
from services.wiki.visitor import DOOR, visitor_of
from shared.administration import own_forwards
from shared.administration.own_forwards import CameBy
from shared.outbound.own_forwards.confirm import AskedForward, asked_forward
from shared.outbound.own_forwards.letters import CONFIRM_PATH, ForwardChange


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """Open to strangers: the token, which only the address was sent, is the proof."""
    route(app, parts, f"{CONFIRM_PATH}/<token>", ask)
    route(app, parts, f"{CONFIRM_PATH}/<token>", confirm, "POST")


async def ask(parts: WikiParts, request: WebRequest, token: str) -> Answer:
    """A button: programs that follow links in mail confirm nothing. Raises ForwardNotAsked."""
    return await _page(parts, request, await parts.database.read(asked_forward, token), is_confirmed=False)


async def confirm(parts: WikiParts, request: WebRequest, token: str) -> Answer:
    """Send the mail on from now on. Raises ForwardNotAsked."""
    by = f"somebody with the link in the question, on the web from {request.peer_host}"
    change = ForwardChange(by, parts.names.mail_domain, parts.now(), site_url(parts))
    came = CameBy(DOOR, request.peer_host)
    asked = await parts.database.transact(own_forwards.confirm, token, change, came)
    return await _page(parts, request, asked, is_confirmed=True)


async def _page(parts: WikiParts, request: WebRequest, asked: AskedForward, *, is_confirmed: bool) -> Answer:
    visitor, address = await visitor_of(parts, request), f"{asked.account.name}@{parts.names.mail_domain}"
    return render(
        parts, visitor, "members/confirm_forward.html", address=address, target=asked.target, is_confirmed=is_confirmed
    )
