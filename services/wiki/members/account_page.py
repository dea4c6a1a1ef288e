"""The account page, and the account that sends one of its forms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from services.wiki.mail_setup.apple import PATH as PROFILE_PATH
from services.wiki.mail_setup.servers import mail_servers
from services.wiki.members.browser_name import browser_name
from services.wiki.parts import WikiParts
from services.wiki.sessions.stored import SessionLine, list_sessions
from services.wiki.sessions.visitor import Visitor
from services.wiki.site.answer import Answer
from services.wiki.site.errors import SignInNeeded
from services.wiki.site.forms import Form
from services.wiki.site.render import render
from services.wiki.site.request import WebRequest
from services.wiki.visitor import check_csrf, visitor_of
from shared.accounts.account import Account
from shared.accounts.app_password import AppPassword
from shared.accounts.list_app_passwords import list_app_passwords
from shared.accounts.ssh_keys.list_ssh_keys import list_ssh_keys
from shared.accounts.ssh_keys.ssh_key import SshKey
from shared.database.transaction import Transaction
from shared.outbound.own_forwards.own_forward import OwnForwarding, own_forwarding
from shared.rooms.subscriptions.subscription import OwnSubscription
from shared.rooms.subscriptions.subscriptions_of import subscriptions_of

PATH = "/account"
PROTOCOL_NAMES = (
    ("smtp", "Sending mail"), ("imap", "IMAP"), ("pop3", "POP3"), ("nntp", "News"), ("web", "Web and REST"),
    ("pb", "Perspective Broker"), ("ssh", "SSH"), ("proxy", "Proxy"),
)  # fmt: skip

CHOSEN = ("smtp", "imap")  # before anything is chosen: what a phone needs


class _Owned(NamedTuple):
    app_passwords: Sequence[AppPassword]
    ssh_keys: Sequence[SshKey]
    subscriptions: Sequence[OwnSubscription]
    sessions: Sequence[SessionLine]
    forwarding: OwnForwarding


async def asked(parts: WikiParts, request: WebRequest) -> tuple[Visitor, Form, Account]:
    """Who sends a form about their own account. Raises SignInNeeded, CrossSite, BadForm."""
    visitor = await visitor_of(parts, request)
    if visitor.account is None:
        raise SignInNeeded
    await check_csrf(visitor, request)
    return visitor, await request.form(), visitor.account


async def account_page(
    parts: WikiParts,
    visitor: Visitor,
    *,
    status: int = 200,
    said: str = "",
    why: str = "",
    typed: Form | None = None,
    typed_key: str = "",
    typed_forward: str = "",
    made: AppPassword | None = None,
    secret: str = "",
) -> Answer:
    """The page, with what was done or why it was not. `typed`: the form of an app password that was not made.

    Raises SignInNeeded, StoreUnavailable.
    """
    if visitor.account is None:
        raise SignInNeeded
    owned = await parts.database.read(_owned, visitor.account.id)
    values: dict[str, Any] = owned._asdict()
    return render(
        parts, visitor, "members/account.html", status=status, said=said, why=why, typed_key=typed_key,
        typed_forward=typed_forward,
        label="" if typed is None else typed.get("label", ""), made=made, secret=secret,
        chosen=CHOSEN if typed is None else typed.all.get("protocol", []), servers=mail_servers(parts.settings),
        profile_path=PROFILE_PATH, protocols=PROTOCOL_NAMES, browser_name=browser_name,
        address=f"{visitor.account.name}@{parts.names.mail_domain}", **values,
    )  # fmt: skip


def _owned(tx: Transaction, account_id: int) -> _Owned:
    return _Owned(
        list_app_passwords(tx, account_id),
        list_ssh_keys(tx, account_id),
        subscriptions_of(tx, account_id),
        list_sessions(tx, account_id),
        own_forwarding(tx, account_id),
    )
