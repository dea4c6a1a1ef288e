"""The table of the site's areas, in the order in which their paths are looked for."""

from __future__ import annotations

from services.wiki import programs
from services.wiki.admin import routes as admin
from services.wiki.blog import routes as blog
from services.wiki.feeds import routes as feeds
from services.wiki.members import account, sign_in, welcome
from services.wiki.pages import edit, files, history, lists, move, plain, save, search, view
from services.wiki.parts import WikiParts
from services.wiki.rooms import routes as rooms
from services.wiki.site import about, static_files, theme
from services.wiki.site.route import WebApp

AREAS = (
    static_files, about, theme, sign_in, welcome, account, programs, rooms, blog, feeds, admin,
    edit, save, history, lists, search, files, move, plain, view,
)  # fmt: skip


def make_app(parts: WikiParts) -> WebApp:
    """The site's paths."""
    app = WebApp()
    for area in AREAS:
        area.add_routes(app, parts)
    return app
