"""Senders that mail is not taken from: the rules, made and removed."""

from __future__ import annotations

from shlex import quote

from services.wiki.admin.admin_here import admin_here
from services.wiki.admin.administer import administer
from services.wiki.admin.fields import choice_of
from services.wiki.parts import WikiParts
from services.wiki.sessions.visitor import Visitor
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.errors import BadForm
from services.wiki.site.forms import Form
from services.wiki.site.render import render
from services.wiki.site.replies import refusal_of
from services.wiki.site.request import WebRequest
from services.wiki.visitor import check_csrf
from shared.access.rules.rules import RuleKind
from shared.administration import senders
from shared.senders.errors import SenderRuleUnusable

PATH = "/admin/senders"
MOST_SHOWN = 1_000  # all others are on the command line
_SAID = {
    "made": "The rule is made. It counts from now on.",
    "removed": "The rule is removed.",
}


async def show_senders(parts: WikiParts, request: WebRequest) -> Answer:
    """Raises SignInNeeded, AdminsAlone."""
    visitor = await admin_here(parts, request)
    return await _page(parts, visitor, Form(), said=_SAID.get(request.query.get("done", ""), ""))


async def change_senders(parts: WikiParts, request: WebRequest) -> Answer:
    """The form's `change` is make, with `kind`, or remove; `what` is what the rule is about.

    Raises BadForm, CrossSite, SignInNeeded, AdminsAlone, SenderRuleNotFound.
    """
    visitor = await admin_here(parts, request)
    await check_csrf(visitor, request)
    form = await request.form()
    what, change = form.needed("what").strip(), form.needed("change")
    if change == "remove":
        await administer(parts, visitor, f"sender remove {quote(what)}", lambda tx: senders.remove(tx, what))
        return see_other(f"{PATH}?done=removed")
    if change != "make":
        raise BadForm("The field change is make or remove.")
    kind = choice_of(form, "kind", RuleKind)
    try:
        await administer(parts, visitor, f"sender {kind} {quote(what)}", lambda tx: senders.add(tx, what, kind))
    except SenderRuleUnusable as error:
        return await _page(parts, visitor, form, why=f"The rule is not made. {refusal_of(error).sentence}")
    return see_other(f"{PATH}?done=made")


async def _page(parts: WikiParts, visitor: Visitor, form: Form, *, said: str = "", why: str = "") -> Answer:
    lines = await parts.database.read(senders.list_all)
    return render(
        parts, visitor, "admin/senders.html", status=422 if why else 200, lines=lines[:MOST_SHOWN], total=len(lines),
        form=form, said=said, why=why, kinds=[RuleKind.BLOCK, RuleKind.ALLOW], then_path=PATH,
    )  # fmt: skip
