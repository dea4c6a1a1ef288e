"""The visitor's own password, asked for once more before what gives lasting access.

A session may have begun with an app password, which can be taken back; what it makes could not.
"""

from __future__ import annotations

from services.wiki.parts import WikiParts
from services.wiki.site.errors import NotOwnPassword
from services.wiki.site.forms import Form
from services.wiki.site.request import WebRequest
from services.wiki.visitor import DOOR, check_plain
from shared.accounts.account import Account
from shared.accounts.errors import BadCredentials

FIELD = "own_password"


async def require_own_password(
    parts: WikiParts, request: WebRequest, account: Account, form: Form, field: str = FIELD
) -> None:
    """Go on only with the main password of `account` in the form's `field`, within the limits of signing in.

    Raises BadForm, PlainSignIn, StoreUnavailable, and a SignInFailed: NotOwnPassword, LockedOut, TooManySignIns.
    """
    check_plain(parts, request)
    try:
        await parts.sign_in.with_main_password(account.name, form.needed(field), request.peer_host, DOOR, "again")
    except BadCredentials:
        raise NotOwnPassword from None
