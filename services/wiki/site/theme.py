"""The colours: kept in a cookie, and written into the page by the server, so that nothing flashes."""

from __future__ import annotations

from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.cookies import THEMES, theme_cookie
from services.wiki.site.errors import BadForm
from services.wiki.site.local_path import local_path
from services.wiki.site.request import WebRequest
from services.wiki.site.route import WebApp, route
from services.wiki.visitor import check_origin


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """`/account/theme`: open to strangers, for it changes nothing here."""
    route(app, parts, "/account/theme", choose_theme, "POST")


async def choose_theme(parts: WikiParts, request: WebRequest) -> Answer:
    """Set the cookie and go back. Raises BadForm, CrossSite."""
    check_origin(request)
    theme = (await request.form()).needed("theme")
    if theme not in THEMES:
        raise BadForm("There are the colours system, light and dark.")
    referrer = (request.getHeader(b"referer") or b"").decode("latin-1")
    host = (request.getHeader(b"host") or b"").decode("latin-1")
    here = referrer.partition("://")[2]
    back = here.removeprefix(host) if here.startswith(host + "/") else "/"
    return see_other(local_path(back), theme_cookie(request, theme))
