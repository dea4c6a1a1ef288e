"""The visitor's own full name, and their password."""

from __future__ import annotations

from services.wiki.members.account_page import PATH, account_page, asked
from services.wiki.own_password import require_own_password
from services.wiki.parts import WikiParts
from services.wiki.sessions.stored import end_sessions
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.errors import NotOwnPassword
from services.wiki.site.replies import refusal_of
from services.wiki.site.request import WebRequest
from shared.accounts.errors import BadCredentials, SignInFailed, UnusableFullName, UnusablePassword
from shared.accounts.full_name import set_full_name
from shared.accounts.verifiers import derive_verifiers
from shared.administration import own_password
from shared.database.transaction import Transaction
from shared.ip_network import network_of


async def change_name(parts: WikiParts, request: WebRequest) -> Answer:
    """Raises SignInNeeded, CrossSite, BadForm."""
    visitor, form, account = await asked(parts, request)
    try:
        await parts.database.transact(set_full_name, account.id, form.needed("full_name"))
    except UnusableFullName as error:
        why = f"The name is not saved. {refusal_of(error).sentence}"
        return await account_page(parts, visitor, status=422, why=why)
    parts.sessions.forget_all()
    return see_other(f"{PATH}?done=name")


async def change_password(parts: WikiParts, request: WebRequest) -> Answer:
    """By giving the current one; other sessions end. Raises SignInNeeded, CrossSite, BadForm, TooManySignIns."""
    visitor, form, account = await asked(parts, request)
    new = form.needed("new")
    known = await parts.database.read(own_password.credentials_of, account.name)  # before the password is checked

    def change(tx: Transaction) -> None:
        if known is None:
            raise NotOwnPassword
        try:
            own_password.change(tx, known, verifiers)
        except BadCredentials:
            raise NotOwnPassword from None
        end_sessions(tx, account.id, None if visitor.session is None else visitor.session.id)

    try:
        await require_own_password(parts, request, account, form, "old")
        verifiers = await parts.hashing.run(network_of(visitor.host), derive_verifiers, new)
        await parts.database.transact(change)
    except (SignInFailed, UnusablePassword) as error:
        refusal = refusal_of(error)
        why = f"The password is not changed. {refusal.sentence}"
        return await account_page(parts, visitor, status=refusal.status, why=why)
    return see_other(f"{PATH}?done=password")
