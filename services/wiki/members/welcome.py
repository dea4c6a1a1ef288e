"""The full name, asked for once, before anything else: an INewMember can give it, and nothing more."""

from __future__ import annotations

from services.wiki.members.sign_in import PREFIX, carried_on
from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.local_path import local_path
from services.wiki.site.render import render
from services.wiki.site.replies import refusal_of
from services.wiki.site.request import WebRequest
from services.wiki.site.route import WebApp, route
from services.wiki.visitor import check_csrf, visitor_of
from shared.accounts.account import IMember, INewMember
from shared.accounts.errors import UnusableFullName
from shared.accounts.realm import AccountRealm, NewMember


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """`/welcome`."""
    route(app, parts, "/welcome", ask_name)
    route(app, parts, "/welcome", take_name, "POST")


async def ask_name(parts: WikiParts, request: WebRequest) -> Answer:
    """The question; who has answered it goes on."""
    visitor = await visitor_of(parts, request)
    then = local_path(request.query.get("then", "/"))
    if visitor.account is None:
        return see_other("/sign-in")
    if visitor.account.full_name is not None:
        return see_other(then)
    return render(parts, visitor, "members/welcome.html", then=then, why="", kept={}, prefix=PREFIX)


async def take_name(parts: WikiParts, request: WebRequest) -> Answer:
    """Keep the name and go on; one that cannot be used is asked for again. Raises CrossSite, StoreUnavailable."""
    visitor = await visitor_of(parts, request)
    await check_csrf(visitor, request)
    if visitor.account is None:
        return see_other("/sign-in")
    form = await request.form()
    then = local_path(form.get("then", "/"))
    kept = {key.removeprefix(PREFIX): value for key, value in form.items() if key.startswith(PREFIX)}
    _, avatar, _ = AccountRealm().requestAvatar(visitor.account, None, INewMember, IMember)
    if isinstance(avatar, NewMember):
        try:
            account = await parts.database.transact(avatar.set_full_name, form.needed("full_name"))
        except UnusableFullName as error:
            why = refusal_of(error).sentence
            return render(
                parts, visitor, "members/welcome.html", status=422, then=then, why=why, kept=kept, prefix=PREFIX
            )
        parts.sessions.forget_all()
        visitor = visitor._replace(account=account)
    return carried_on(parts, visitor, then, kept) if kept else see_other(then)
