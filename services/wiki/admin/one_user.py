"""One account as administrators see it, and what they change of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import quote

from services.wiki.admin.admin_here import admin_here
from services.wiki.admin.administer import administer
from services.wiki.admin.fields import choice_of, number_of
from services.wiki.admin.typed_password import new_password
from services.wiki.parts import WikiParts
from services.wiki.sessions.stored import end_sessions
from services.wiki.sessions.visitor import Visitor
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.errors import BadForm
from services.wiki.site.forms import Form
from services.wiki.site.render import render
from services.wiki.site.replies import refusal_of
from services.wiki.site.request import WebRequest
from services.wiki.visitor import check_csrf
from shared.accounts.account import Role
from shared.accounts.errors import LastAdmin, SignInFailed, UnusableFullName, UnusablePassword
from shared.administration import accounts
from shared.database.transaction import Transaction

MEBIBYTE = 1 << 20
_SAID = {
    "made": "The account is made.",
    "disable": "The account is shut out: its sessions end, and its mail is still kept.",
    "enable": "The account may sign in.",
    "role": "The role is changed.",
    "full-name": "The full name is changed.",
    "quota": "The quota is changed.",
    "password": "The password is changed, and all sessions of browsers have ended.",
}


class _Change(NamedTuple):
    command: str  # as the command line says it
    make: Callable[[Transaction], object]


async def show_user(parts: WikiParts, request: WebRequest, name: str) -> Answer:
    """Raises SignInNeeded, AdminsAlone, AccountNotFound."""
    visitor = await admin_here(parts, request)
    return await user_page(parts, visitor, name, done=request.query.get("done", ""))


async def change_user(parts: WikiParts, request: WebRequest, name: str) -> Answer:
    """The form's `change` says what is changed.

    Raises BadForm, CrossSite, SignInNeeded, AdminsAlone, AccountNotFound, LastAdmin.
    """
    visitor = await admin_here(parts, request)
    await check_csrf(visitor, request)
    form = await request.form()
    what = form.needed("change")
    if what == "password":
        return await _change_password(parts, request, visitor, form, name)
    make = _CHANGES.get(what)
    if make is None:
        raise BadForm(f"The field change is one of {', '.join((*_CHANGES, 'password'))}.")
    change = make(form, name)
    try:
        await administer(parts, visitor, change.command, change.make)
    except (UnusableFullName, LastAdmin) as error:
        return await user_page(parts, visitor, name, error=error)
    return see_other(f"/admin/users/{quote(name)}?done={what}")


async def user_page(
    parts: WikiParts, visitor: Visitor, name: str, *, done: str = "", password: str = "", error: Exception | None = None
) -> Answer:
    """The account. `password` is shown this once. Raises AccountNotFound."""
    account = await parts.database.read(accounts.find_account, name)
    refusal = None if error is None else refusal_of(error)
    answer = render(
        parts, visitor, "admin/user.html", status=200 if refusal is None else refusal.status, account=account,
        said=_SAID.get(done, ""), password=password, why="" if refusal is None else refusal.sentence, roles=list(Role),
        quota_mebibytes=None if account.quota_octets is None else -(-account.quota_octets // MEBIBYTE),
        address=f"{account.name}@{parts.names.mail_domain}", then_path=f"/admin/users/{quote(name)}",
    )  # fmt: skip
    return answer._replace(cache=b"no-store") if password else answer


async def _change_password(parts: WikiParts, request: WebRequest, visitor: Visitor, form: Form, name: str) -> Answer:
    def change(tx: Transaction) -> None:
        accounts.set_password(tx, name, verifiers)
        end_sessions(tx, accounts.find_account(tx, name).id)

    try:
        verifiers, shown = await new_password(parts, request, visitor, form)
    except (UnusablePassword, SignInFailed) as error:
        return await user_page(parts, visitor, name, error=error)
    await administer(parts, visitor, f"user set-password {name}", change)
    if shown:
        return await user_page(parts, visitor, name, done="password", password=shown)
    return see_other(f"/admin/users/{quote(name)}?done=password")


def _disable(_form: Form, name: str) -> _Change:
    return _Change(f"user disable {name}", lambda tx: accounts.disable(tx, name))


def _enable(_form: Form, name: str) -> _Change:
    return _Change(f"user enable {name}", lambda tx: accounts.enable(tx, name))


def _role(form: Form, name: str) -> _Change:
    role = choice_of(form, "role", Role)
    return _Change(f"user set-role {name} {role}", lambda tx: accounts.set_role(tx, name, role))


def _full_name(form: Form, name: str) -> _Change:
    full_name = form.needed("full_name")
    return _Change(f"user set-name {name} {full_name!r}", lambda tx: accounts.set_full_name(tx, name, full_name))


def _quota(form: Form, name: str) -> _Change:
    mebibytes = number_of(form, "quota")
    octets = None if mebibytes is None else mebibytes * MEBIBYTE
    said = "none" if mebibytes is None else f"{mebibytes}MiB"
    return _Change(f"user set-quota {name} {said}", lambda tx: accounts.set_quota(tx, name, octets))


_CHANGES: Mapping[str, Callable[[Form, str], _Change]] = {
    "disable": _disable, "enable": _enable, "role": _role, "full-name": _full_name, "quota": _quota,
}  # fmt: skip
