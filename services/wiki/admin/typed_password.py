"""The password of a form: as it was typed, or a generated one, which the answer shows once."""

from __future__ import annotations

from typing import NamedTuple

from services.wiki.own_password import require_own_password
from services.wiki.parts import WikiParts
from services.wiki.sessions.visitor import Visitor
from services.wiki.site.forms import Form
from services.wiki.site.request import WebRequest
from shared.accounts.verifiers import Verifiers, derive_verifiers
from shared.administration.generate_password import generate_password
from shared.ip_network import network_of


class NewPassword(NamedTuple):
    """What is kept of a password; `shown` is the generated one, else empty."""

    verifiers: Verifiers
    shown: str


async def new_password(parts: WikiParts, request: WebRequest, visitor: Visitor, form: Form) -> NewPassword:
    """That of the field `password`; generated where it is empty. The administrator's own is in `own_password`.

    Raises UnusablePassword, BadForm, PlainSignIn, and a SignInFailed.
    """
    assert visitor.account is not None  # an administrator
    await require_own_password(parts, request, visitor.account, form)
    typed = form.get("password", "")
    password = typed or generate_password()
    verifiers = await parts.hashing.run(network_of(visitor.host), derive_verifiers, password)
    return NewPassword(verifiers, "" if typed else password)
