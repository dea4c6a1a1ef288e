"""Making an account, with a password that is typed, or generated and shown once."""

from __future__ import annotations

from services.wiki.admin.admin_here import admin_here
from services.wiki.admin.administer import administer
from services.wiki.admin.fields import choice_of
from services.wiki.admin.one_user import user_page
from services.wiki.admin.typed_password import new_password
from services.wiki.parts import WikiParts
from services.wiki.sessions.visitor import Visitor
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.forms import Form
from services.wiki.site.render import render
from services.wiki.site.replies import refusal_of
from services.wiki.site.request import WebRequest
from services.wiki.visitor import check_csrf
from shared.accounts.account import Account, Role
from shared.accounts.errors import AccountExists, SignInFailed, UnusableFullName, UnusableName, UnusablePassword
from shared.administration import accounts
from shared.database.transaction import Transaction

PATH = "/admin/new-user"


async def show_new_user(parts: WikiParts, request: WebRequest) -> Answer:
    """The empty form. Raises SignInNeeded, AdminsAlone."""
    return _form(parts, await admin_here(parts, request), Form())


async def make_user(parts: WikiParts, request: WebRequest) -> Answer:
    """Make the account `name`; an empty `password` is generated.

    Raises BadForm, CrossSite, SignInNeeded, AdminsAlone.
    """
    visitor = await admin_here(parts, request)
    await check_csrf(visitor, request)
    form = await request.form()
    name, role = form.needed("name").strip(), choice_of(form, "role", Role)
    full_name = form.get("full_name", "").strip() or None

    def check(tx: Transaction) -> None:
        accounts.check_new_name(tx, name)

    def make(tx: Transaction) -> Account:
        return accounts.create_member(tx, name, verifiers, parts.names.mail_domain, role, None, full_name)

    try:
        await parts.database.read(check)  # before a password is derived, which takes a while
        verifiers, shown = await new_password(parts, request, visitor, form)
        account = await administer(parts, visitor, f"user add {name} --role {role}", make)
    except (AccountExists, UnusableName, UnusableFullName, UnusablePassword) as error:
        return _form(parts, visitor, form, refusal_of(error).sentence)
    except SignInFailed as error:
        refusal = refusal_of(error)
        return _form(parts, visitor, form, refusal.sentence)._replace(status=refusal.status)
    if shown:
        return await user_page(parts, visitor, account.name, done="made", password=shown)
    return see_other(f"/admin/users/{account.name}?done=made")


def _form(parts: WikiParts, visitor: Visitor, form: Form, why: str = "") -> Answer:
    return render(
        parts, visitor, "admin/new_user.html", status=422 if why else 200, form=form, why=why, roles=list(Role),
        mail_domain=parts.names.mail_domain, then_path=PATH,
    )  # fmt: skip
