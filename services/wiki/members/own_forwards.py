"""The visitor's own forwards: addresses elsewhere that their mail is sent on to."""

from __future__ import annotations

from services.wiki.members.account_page import PATH, account_page, asked
from services.wiki.own_password import require_own_password
from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.errors import BadForm
from services.wiki.site.replies import refusal_of
from services.wiki.site.request import WebRequest
from services.wiki.visitor import DOOR
from shared.accounts.account import Account
from shared.accounts.errors import SignInFailed
from shared.administration import own_forwards
from shared.administration.own_forwards import CameBy
from shared.folders.errors import QuotaExceeded
from shared.mail.errors import BadAddress, ForwardExists, TargetIsLocal
from shared.outbound.errors import TooManyQuestions
from shared.outbound.own_forwards.errors import GuestHasNoMail, TooManyOwnForwards
from shared.outbound.own_forwards.letters import ForwardChange

_UNUSABLE = (
    BadAddress,
    ForwardExists,
    TargetIsLocal,
    GuestHasNoMail,
    TooManyOwnForwards,
    TooManyQuestions,
    QuotaExceeded,
)


async def add_forward(parts: WikiParts, request: WebRequest) -> Answer:
    """Have the address in the field `address` asked, by giving one's own password.

    Raises SignInNeeded, CrossSite, BadForm.
    """
    visitor, form, account = await asked(parts, request)
    target = form.needed("address").strip()
    try:
        await require_own_password(parts, request, account, form)
        await parts.database.transact(own_forwards.add, account.name, target, *_origin(parts, request, account))
    except (*_UNUSABLE, SignInFailed) as error:
        refusal = refusal_of(error)
        why = f"The address is not asked. {refusal.sentence}"
        return await account_page(parts, visitor, status=refusal.status, why=why, typed_forward=target)
    return see_other(f"{PATH}?done=forward")


async def delete_forward(parts: WikiParts, request: WebRequest) -> Answer:
    """Send nothing on to the address in the field `address` any more.

    Raises SignInNeeded, CrossSite, BadForm, BadAddress, ForwardNotFound.
    """
    _, form, account = await asked(parts, request)
    target = form.needed("address").strip()
    await parts.database.transact(own_forwards.delete, account.name, target, *_origin(parts, request, account))
    return see_other(f"{PATH}?done=forward-deleted")


async def change_copy(parts: WikiParts, request: WebRequest) -> Answer:
    """Keep what is sent on here, too, or not, by giving one's own password: the field `copy` is on or off.

    Raises SignInNeeded, CrossSite, BadForm.
    """
    visitor, form, account = await asked(parts, request)
    kept = form.needed("copy")
    if kept not in ("on", "off"):
        raise BadForm("A copy is on or off.")
    change, came = _origin(parts, request, account)
    try:
        await require_own_password(parts, request, account, form)
    except SignInFailed as error:
        refusal = refusal_of(error)
        return await account_page(parts, visitor, status=refusal.status, why=f"Nothing is changed. {refusal.sentence}")
    await parts.database.transact(own_forwards.keep_copy, account.name, change, came, keeps_copy=kept == "on")
    return see_other(f"{PATH}?done=copy-{kept}")


def _origin(parts: WikiParts, request: WebRequest, account: Account) -> tuple[ForwardChange, CameBy]:
    by = f"{account.name}, on the web from {request.peer_host}"
    change = ForwardChange(by, parts.names.mail_domain, parts.now(), site_url(parts))
    return change, CameBy(DOOR, request.peer_host)


def site_url(parts: WikiParts) -> str:
    """Of links in mail; "" where it is not known: what a client says of it, somebody else may have chosen."""
    return parts.settings.web_url.rstrip("/")
