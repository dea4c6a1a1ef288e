"""The paths of feeds."""

from __future__ import annotations

from services.wiki.blog.pages import WeblogPages
from services.wiki.blog.post_html import PostPages
from services.wiki.feeds import changes_feed, list_page
from services.wiki.feeds.blog_feed import BlogFeeds
from services.wiki.feeds.room_feed import RoomFeeds
from services.wiki.parts import WikiParts
from services.wiki.rooms.shown_message import MessageLooks
from services.wiki.rooms.threads_page import ThreadsPages
from services.wiki.site.route import WebApp, route


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """`/feeds/`, and the feeds of rooms and of the weblog beside their pages."""
    posts = PostPages(parts)
    blog = BlogFeeds(WeblogPages(ThreadsPages(parts), posts), posts)
    rooms = RoomFeeds(MessageLooks(parts))
    route(app, parts, "/feeds/", list_page.show_feeds)
    route(app, parts, "/feeds/changes/atom", changes_feed.changes_atom)
    route(app, parts, "/feeds/changes/rss", changes_feed.changes_rss)
    route(app, parts, "/blog/atom", blog.atom)
    route(app, parts, "/blog/rss", blog.rss)
    route(app, parts, "/rooms/<name>/atom", rooms.atom)
    route(app, parts, "/rooms/<name>/rss", rooms.rss)
