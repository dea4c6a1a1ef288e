"""The account page: the name, the password, app passwords, sessions."""

from __future__ import annotations

import binascii
from typing import Any

from services.wiki.parts import WikiParts
from services.wiki.sessions.stored import end_session, end_sessions, list_sessions
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.errors import BadForm, SignInNeeded
from services.wiki.site.forms import Form
from services.wiki.site.render import render
from services.wiki.site.replies import refusal_of
from services.wiki.site.request import WebRequest
from services.wiki.site.route import WebApp, route
from services.wiki.visitor import Visitor, check_csrf, visitor_of
from shared.accounts.account import Account
from shared.accounts.add_app_password import add_app_password
from shared.accounts.app_password import PROTOCOLS
from shared.accounts.errors import UnusableFullName, UnusablePassword
from shared.accounts.full_name import set_full_name
from shared.accounts.list_app_passwords import list_app_passwords
from shared.accounts.remove_app_password import remove_app_password
from shared.accounts.verifiers import derive_verifiers
from shared.administration import own_password
from shared.database.transaction import Transaction
from shared.ip_network import network_of

PATH = "/account"
LONGEST_LABEL = 100  # characters
PROTOCOL_NAMES = (
    ("smtp", "Sending mail"), ("imap", "IMAP"), ("pop3", "POP3"), ("nntp", "News"), ("web", "Web and REST"),
    ("pb", "Perspective Broker"), ("ssh", "SSH"), ("proxy", "Proxy"),
)  # fmt: skip


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """`/account` and what its forms do."""
    route(app, parts, PATH, show_account)
    for name, act in (
        ("name", change_name),
        ("password", change_password),
        ("app-password", make_app_password),
        ("app-password/revoke", revoke_app_password),
        ("session/end", end_one_session),
    ):
        route(app, parts, f"{PATH}/{name}", act, "POST")


async def show_account(parts: WikiParts, request: WebRequest) -> Answer:
    """The page. Raises SignInNeeded, StoreUnavailable."""
    visitor = await visitor_of(parts, request)
    return await _page(parts, visitor, said=_SAID.get(request.query.get("done", ""), ""))


_SAID = {
    "name": "The name is saved.",
    "password": "The password is changed. Other sessions are signed out.",
    "revoked": "The app password is revoked.",
    "ended": "The session has ended.",
}


async def change_name(parts: WikiParts, request: WebRequest) -> Answer:
    """Raises SignInNeeded, CrossSite, BadForm."""
    visitor, form, account = await _asked(parts, request)
    try:
        await parts.database.transact(set_full_name, account.id, form.needed("full_name"))
    except UnusableFullName as error:
        return await _page(parts, visitor, status=422, why=f"The name is not saved. {refusal_of(error).sentence}")
    parts.sessions.forget_all()
    return see_other(f"{PATH}?done=name")


async def change_password(parts: WikiParts, request: WebRequest) -> Answer:
    """By giving the current one; other sessions end. Raises SignInNeeded, CrossSite, BadForm, TooManySignIns."""
    visitor, form, account = await _asked(parts, request)
    old, new = form.needed("old"), form.needed("new")
    source = network_of(visitor.host)
    known = await parts.database.read(own_password.credentials_of, account.name)
    if known is None or not await parts.hashing.run(source, own_password.is_password_of, known, old):
        return await _page(
            parts, visitor, status=422, why="The password is not changed. The current one did not match."
        )
    try:
        verifiers = await parts.hashing.run(source, derive_verifiers, new)
    except UnusablePassword as error:
        return await _page(parts, visitor, status=422, why=f"The password is not changed. {refusal_of(error).sentence}")

    def change(tx: Transaction) -> None:
        own_password.change(tx, known, verifiers)
        end_sessions(tx, account.id, None if visitor.session is None else visitor.session.id)

    await parts.database.transact(change)
    return see_other(f"{PATH}?done=password")


async def make_app_password(parts: WikiParts, request: WebRequest) -> Answer:
    """The answer shows the secret, once. Raises SignInNeeded, CrossSite, BadForm."""
    visitor, form, account = await _asked(parts, request)
    label = " ".join(form.needed("label").split())[:LONGEST_LABEL]
    protocols = [name for name in PROTOCOLS if name in form.all.get("protocol", [])]
    if not label or not protocols:
        return await _page(parts, visitor, status=422, why="No app password is made. Say what it is for, and where.")
    made, secret = await parts.database.transact(add_app_password, account.id, label, protocols)
    return (await _page(parts, visitor, made=made, secret=secret))._replace(cache=b"no-store")


async def revoke_app_password(parts: WikiParts, request: WebRequest) -> Answer:
    """Raises SignInNeeded, CrossSite, BadForm, AppPasswordNotFound."""
    _, form, account = await _asked(parts, request)
    number = form.needed("id")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise BadForm("The field id is no number.")
    await parts.database.transact(remove_app_password, account.id, int(number))
    return see_other(f"{PATH}?done=revoked")


async def end_one_session(parts: WikiParts, request: WebRequest) -> Answer:
    """Raises SignInNeeded, CrossSite, BadForm."""
    _, form, account = await _asked(parts, request)
    try:
        digest = binascii.unhexlify(form.needed("id"))
    except (ValueError, binascii.Error):
        raise BadForm("The field id is no session.") from None
    await parts.database.transact(end_session, digest, account.id)
    parts.sessions.forget_all()
    return see_other(f"{PATH}?done=ended")


async def _asked(parts: WikiParts, request: WebRequest) -> tuple[Visitor, Form, Account]:
    visitor = await visitor_of(parts, request)
    if visitor.account is None:
        raise SignInNeeded
    await check_csrf(visitor, request)
    return visitor, await request.form(), visitor.account


async def _page(
    parts: WikiParts,
    visitor: Visitor,
    *,
    status: int = 200,
    said: str = "",
    why: str = "",
    made: Any = None,
    secret: str = "",
) -> Answer:
    if visitor.account is None:
        raise SignInNeeded
    account = visitor.account

    def read(tx: Transaction) -> Any:
        return list_app_passwords(tx, account.id), list_sessions(tx, account.id)

    app_passwords, sessions = await parts.database.read(read)
    return render(
        parts, visitor, "members/account.html", status=status, said=said, why=why, made=made, secret=secret,
        app_passwords=app_passwords, sessions=sessions, protocols=PROTOCOL_NAMES,
        address=f"{account.name}@{parts.names.mail_domain}",
    )  # fmt: skip
