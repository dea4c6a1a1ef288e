"""The paths of the weblog."""

from __future__ import annotations

from services.wiki.blog import write
from services.wiki.blog.pages import WeblogPages
from services.wiki.blog.post_html import PostPages
from services.wiki.parts import WikiParts
from services.wiki.rooms.threads_page import ThreadsPages
from services.wiki.site.route import WebApp, route


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """`/blog/` and below."""
    pages = WeblogPages(ThreadsPages(parts), PostPages(parts))
    route(app, parts, "/blog/", pages.newest)
    route(app, parts, "/blog/new", write.show_new_post)
    route(app, parts, "/blog/save", write.save_post, "POST")
    route(app, parts, "/blog/<int:year>/<int:month>/", pages.month)
    route(app, parts, "/blog/<int:year>/<int:month>/<slug>", pages.post)
