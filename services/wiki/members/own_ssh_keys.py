"""The visitor's own SSH keys."""

from __future__ import annotations

from services.wiki.members.account_page import PATH, account_page, asked
from services.wiki.own_password import require_own_password
from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.replies import refusal_of
from services.wiki.site.request import WebRequest
from shared.accounts.errors import SignInFailed
from shared.accounts.ssh_keys.errors import SshKeyExists, TooManySshKeys, UnusableSshKey
from shared.administration import ssh_keys

_UNUSABLE = (UnusableSshKey, SshKeyExists, TooManySshKeys)


async def add_key(parts: WikiParts, request: WebRequest) -> Answer:
    """Add the key in the field `key`, the line of a `.pub` file, by giving one's own password.

    Raises SignInNeeded, CrossSite, BadForm.
    """
    visitor, form, account = await asked(parts, request)
    line = form.needed("key")
    try:
        await require_own_password(parts, request, account, form)
        await parts.database.transact(ssh_keys.add, account.name, line)
    except (*_UNUSABLE, SignInFailed) as error:
        refusal = refusal_of(error)
        why = f"The SSH key is not added. {refusal.sentence}"
        shown = "" if "PRIVATE" in line else line  # a private key is not sent around once more
        status = refusal.status if isinstance(error, SignInFailed) else 422
        return await account_page(parts, visitor, status=status, why=why, typed_key=shown)
    return see_other(f"{PATH}?done=key")


async def delete_key(parts: WikiParts, request: WebRequest) -> Answer:
    """Delete the key of the number `id`. Raises SignInNeeded, CrossSite, BadForm, SshKeyNotFound."""
    _, form, account = await asked(parts, request)
    await parts.database.transact(ssh_keys.delete, account.name, form.needed("id"))
    return see_other(f"{PATH}?done=key-deleted")
