"""Signing in and out with a browser. What was typed before a session ended is carried through, and shown again."""

from __future__ import annotations

from services.wiki.parts import WikiParts
from services.wiki.sessions.visitor import Visitor
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.cookies import no_session_cookie, session_cookie, theme_of
from services.wiki.site.forms import Form
from services.wiki.site.local_path import local_path
from services.wiki.site.render import render
from services.wiki.site.replies import refusal_of
from services.wiki.site.request import WebRequest
from services.wiki.site.route import WebApp, route
from services.wiki.visitor import DOOR, check_csrf, check_origin, check_plain, visitor_of
from shared.accounts.errors import SignInFailed

CARRIED = ("path", "data", "base", "comment", "minor", "title", "body", "subject", "text")  # fields of forms
PREFIX = "kept_"


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """`/sign-in` and `/sign-out`."""
    route(app, parts, "/sign-in", show_sign_in)
    route(app, parts, "/sign-in", do_sign_in, "POST")
    route(app, parts, "/sign-out", do_sign_out, "POST")


async def show_sign_in(parts: WikiParts, request: WebRequest) -> Answer:
    """The form."""
    visitor = await visitor_of(parts, request)
    return sign_in_page(parts, visitor, local_path(request.query.get("then", "/")), {})


def sign_in_page(
    parts: WikiParts,
    visitor: Visitor,
    then: str,
    kept: dict[str, str],
    *,
    status: int = 200,
    why: str = "",
    name: str = "",
) -> Answer:
    """The form; `kept` are the fields that somebody has typed already, for the form at `then`."""
    return render(
        parts, visitor, "members/sign_in.html", status=status, then=then, kept=kept, why=why, name=name, prefix=PREFIX
    )


def kept_fields(form: Form) -> dict[str, str]:
    """What was typed into a form that could not be taken."""
    return {name: form[name] for name in CARRIED if name in form}


async def do_sign_in(parts: WikiParts, request: WebRequest) -> Answer:
    """A new session, always with a new secret. Raises BadForm, CrossSite, PlainSignIn, StoreUnavailable."""
    check_origin(request)
    check_plain(parts, request)
    form = await request.form()
    name, password, then = form.needed("name"), form.needed("password"), local_path(form.get("then", "/"))
    kept = {key.removeprefix(PREFIX): value for key, value in form.items() if key.startswith(PREFIX)}
    try:
        account = await parts.sign_in.with_password(name, password, DOOR, request.peer_host, DOOR, "form")
    except SignInFailed as failure:
        refusal = refusal_of(failure)
        stranger = Visitor(None, request.peer_host, None, theme_of(request))
        status = 403 if refusal.status == 401 else refusal.status  # a browser would ask by itself on 401
        return sign_in_page(parts, stranger, then, kept, status=status, why=refusal.sentence, name=name)
    keep = "keep" in form
    agent = (request.getHeader(b"user-agent") or b"").decode("ascii", "replace")
    secret, session = await parts.sessions.begin(account, agent, request.peer_host, parts.now(), kept=keep)
    cookie = session_cookie(request, secret, parts.settings.web_session_kept if keep else None)
    request.account_name = account.name
    visitor = Visitor(account, request.peer_host, session, theme_of(request))
    if account.full_name is None:
        return render(parts, visitor, "members/welcome.html", then=then, why="", kept=kept, prefix=PREFIX)._replace(
            cookies=(cookie,), cache=b"no-store", etag=""
        )
    if kept:
        return carried_on(parts, visitor, then, kept)._replace(cookies=(cookie,), cache=b"no-store")
    return see_other(then, cookie)


def carried_on(parts: WikiParts, visitor: Visitor, then: str, kept: dict[str, str]) -> Answer:
    """The page that gives back what was typed before, to be sent again."""
    return render(parts, visitor, "members/carried.html", then=then, kept=kept)


async def do_sign_out(parts: WikiParts, request: WebRequest) -> Answer:
    """End the session, here and in the store. Raises CrossSite, StoreUnavailable."""
    visitor = await visitor_of(parts, request)
    await check_csrf(visitor, request)
    if visitor.session is not None:
        await parts.sessions.end(visitor.session)
    return see_other("/", no_session_cookie(request))
