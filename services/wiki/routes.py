"""The table of the site's areas, in the order in which their paths are looked for."""

from __future__ import annotations

from services.wiki import programs
from services.wiki.admin import routes as admin
from services.wiki.blog import routes as blog
from services.wiki.feeds import routes as feeds
from services.wiki.mail_setup import routes as mail_setup
from services.wiki.members import account, sign_in, welcome
from services.wiki.pages import comments, edit, files, history, lists, live_page, move, plain, save, view
from services.wiki.parts import WikiParts
from services.wiki.rooms import routes as rooms
from services.wiki.search import page as search
from services.wiki.site import about, mail_policy, static_files, theme
from services.wiki.site.route import WebApp

AREAS = (
    static_files, about, mail_policy, theme, sign_in, welcome, account, live_page, programs, mail_setup, rooms, blog,
    feeds, admin, edit, save, history, lists, search, files, comments, move, plain, view,
)  # fmt: skip


def make_app(parts: WikiParts) -> WebApp:
    """The site's paths."""
    app = WebApp()
    for area in AREAS:
        area.add_routes(app, parts)
    return app
