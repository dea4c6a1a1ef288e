"""The paths of rooms."""

from __future__ import annotations

from services.wiki.parts import WikiParts
from services.wiki.rooms import cancelling, held_page, list_page, live, marks, raw_message, unsubscribe, write_pages
from services.wiki.rooms.reading_pages import ReadingPages
from services.wiki.rooms.shown_message import MessageLooks
from services.wiki.rooms.threads_page import ThreadsPages
from services.wiki.site.route import WebApp, route


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """`/rooms/` and below, and the way out of their subscribers elsewhere."""
    unsubscribe.add_routes(app, parts)
    threads = ThreadsPages(parts)
    reading = ReadingPages(threads, MessageLooks(parts))
    message = "/rooms/<name>/<int:number>"
    route(app, parts, "/rooms/", list_page.show_rooms)
    route(app, parts, held_page.PATH, held_page.show_held)
    route(app, parts, f"{held_page.PATH}/<token>", held_page.show_held_post)
    route(app, parts, f"{held_page.PATH}/<token>", held_page.decide_held, "POST")
    route(app, parts, "/rooms/<name>", threads.show)
    route(app, parts, "/rooms/<name>/read", threads.mark_all, "POST")
    route(app, parts, "/rooms/<name>/live", live.stream_room)
    route(app, parts, "/rooms/<name>/new", write_pages.show_new)
    route(app, parts, "/rooms/<name>/new", write_pages.post_new, "POST")
    route(app, parts, "/rooms/<name>/threads/<int:number>", reading.thread)
    route(app, parts, message, reading.message)
    route(app, parts, f"{message}/raw", raw_message.show_source)
    route(app, parts, f"{message}/eml", raw_message.download_source)
    route(app, parts, f"{message}/part/<int:part>", raw_message.show_attachment)
    route(app, parts, f"{message}/reply", write_pages.show_reply)
    route(app, parts, f"{message}/reply", write_pages.post_reply, "POST")
    route(app, parts, f"{message}/mark", marks.set_mark, "POST")
    route(app, parts, f"{message}/cancel", cancelling.cancel, "POST")
    route(app, parts, f"{message}/undo", cancelling.undo, "POST")
