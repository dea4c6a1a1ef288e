"""The visitor's own app passwords."""

from __future__ import annotations

from services.wiki.members.account_page import PATH, account_page, asked
from services.wiki.own_password import require_own_password
from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.errors import BadForm
from services.wiki.site.replies import refusal_of
from services.wiki.site.request import WebRequest
from shared.accounts.add_app_password import add_app_password
from shared.accounts.app_password import PROTOCOLS
from shared.accounts.errors import SignInFailed
from shared.accounts.remove_app_password import remove_app_password

LONGEST_LABEL = 100  # characters


async def make_app_password(parts: WikiParts, request: WebRequest) -> Answer:
    """By giving one's own password. The answer shows the secret, once. Raises SignInNeeded, CrossSite, BadForm."""
    visitor, form, account = await asked(parts, request)
    label = " ".join(form.needed("label").split())[:LONGEST_LABEL]
    protocols = [name for name in PROTOCOLS if name in form.all.get("protocol", [])]
    if not label or not protocols:
        why = "No app password is made. Say what it is for, and where."
        return await account_page(parts, visitor, status=422, why=why, typed=form)
    try:
        await require_own_password(parts, request, account, form)
    except SignInFailed as error:
        refusal = refusal_of(error)
        why = f"No app password is made. {refusal.sentence}"
        return await account_page(parts, visitor, status=refusal.status, why=why, typed=form)
    made, secret = await parts.database.transact(add_app_password, account.id, label, protocols)
    return (await account_page(parts, visitor, made=made, secret=secret))._replace(cache=b"no-store")


async def revoke_app_password(parts: WikiParts, request: WebRequest) -> Answer:
    """Raises SignInNeeded, CrossSite, BadForm, AppPasswordNotFound."""
    _, form, account = await asked(parts, request)
    number = form.needed("id")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise BadForm("The field id is no number.")
    await parts.database.transact(remove_app_password, account.id, int(number))
    return see_other(f"{PATH}?done=revoked")
