"""The visitor: who makes a request. A cookie of a session, else Authorization, else a stranger."""

from __future__ import annotations

from services.wiki.parts import WikiParts
from services.wiki.sessions.visitor import Visitor
from services.wiki.site.cookies import session_secret_of, theme_of
from services.wiki.site.errors import CrossSite, PlainSignIn
from services.wiki.site.request import WebRequest
from shared.accounts.account import Account
from shared.accounts.errors import AccountDisabled
from shared.accounts.find_account import find_account_by_id
from shared.ip_network import is_in_one_of, network_of
from shared.rooms.reader import Reader

DOOR = "web"  # of sign-ins in the log, and the protocol of app passwords


async def visitor_of(parts: WikiParts, request: WebRequest) -> Visitor:
    """Who makes the request. A cookie whose session is over is a stranger's.

    Raises SignInFailed, PlainSignIn, StoreUnavailable.
    """
    if request.visitor is None:
        request.visitor = await _find(parts, request)
        if request.visitor.account is not None:
            request.account_name = request.visitor.account.name
    return request.visitor


async def reader_of(parts: WikiParts, visitor: Visitor) -> Reader:
    """The visitor as rooms see them. Raises StoreUnavailable."""
    return (await parts.directory.rooms()).reader(visitor.account)


def live_key(visitor: Visitor) -> int | str:
    """By whom open pages with live updates are counted: the account, or the network of strangers."""
    return visitor.account.id if visitor.account is not None else network_of(visitor.host)


async def check_csrf(visitor: Visitor, request: WebRequest) -> None:
    """Only requests that a session's cookie signs need its token: a form's `csrf`, or X-CSRF-Token.

    Raises CrossSite, BadForm.
    """
    if visitor.session is None:
        return
    check_origin(request)
    token = request.getHeader(b"x-csrf-token")
    given = token.decode("latin-1") if token is not None else (await request.form()).get("csrf", "")
    if not visitor.session.is_token(given):
        raise CrossSite


def check_origin(request: WebRequest) -> None:
    """A browser says which site a form comes from (Fetch Metadata; RFC 6454). Raises CrossSite."""
    if (request.getHeader(b"sec-fetch-site") or b"") in (b"cross-site", b"same-site"):
        raise CrossSite
    origin = request.getHeader(b"origin")
    if origin is not None and origin.partition(b"://")[2].lower() != (request.getHeader(b"host") or b"").lower():
        raise CrossSite


def check_plain(parts: WikiParts, request: WebRequest) -> None:
    """Passwords come over TLS, or from networks that may send them in the clear. Raises PlainSignIn."""
    if not request.secure and not is_in_one_of(parts.settings.web_plain_sign_in_networks, request.peer_host):
        raise PlainSignIn


async def _find(parts: WikiParts, request: WebRequest) -> Visitor:
    theme = theme_of(request)
    authorization = request.getHeader(b"authorization")
    if authorization is not None:
        check_plain(parts, request)
        return Visitor(await _by_authorization(parts, authorization, request.peer_host), request.peer_host, None, theme)
    secret = session_secret_of(request)
    if secret is not None:
        session = await parts.sessions.find(secret, parts.now())
        if session is not None:
            is_read = request.method == b"GET"
            unread = await parts.unread.of(session.account) if is_read else parts.unread.remembered(session.account)
            return Visitor(session.account, request.peer_host, session, theme, unread)
    return Visitor(None, request.peer_host, None, theme)


async def _by_authorization(parts: WikiParts, authorization: bytes, host: str) -> Account:
    proof = parts.http_credentials.known(authorization)
    if proof is None:
        account_id = await parts.http_credentials.check(authorization, host, DOOR)
    else:
        account_id = proof.account_id
    account = parts.sessions.accounts.get(account_id)
    if account is None:
        account = await parts.database.read(find_account_by_id, account_id)
        if not account.enabled:
            raise AccountDisabled
        parts.sessions.accounts.put(account_id, account)
    return account
