"""The pages of the weblog: the newest posts, a month's, and one by its address."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

from services.wiki.blog.post_html import PostPages
from services.wiki.blog.weblog_room import weblog_here
from services.wiki.parts import WikiParts
from services.wiki.rooms.here import Here, number_in
from services.wiki.rooms.threads_page import ThreadsPages
from services.wiki.site.answer import Answer
from services.wiki.site.errors import NotHere
from services.wiki.site.render import render
from services.wiki.site.request import WebRequest
from shared.rooms.reading.list_weblog import WeblogPost, find_post, list_months, list_weblog
from shared.rooms.reading.place_weblog import is_weblog_placed, place_weblog

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
STEPS_AT_ONCE = 3  # of 1,000 articles: what a request waits for


class WeblogPages:
    """One for each process."""

    def __init__(self, threads: ThreadsPages, posts: PostPages) -> None:
        self._threads = threads
        self._posts = posts

    async def newest(self, parts: WikiParts, request: WebRequest) -> Answer:
        """`/blog/`."""
        return await self._list(parts, request, None)

    async def month(self, parts: WikiParts, request: WebRequest, year: int, month: int) -> Answer:
        """`/blog/2026/11/`. Raises NotHere."""
        return await self._list(parts, request, month_of(year, month))

    async def post(self, parts: WikiParts, request: WebRequest, year: int, month: int, slug: str) -> Answer:
        """One post with its replies' number. Raises NotHere, ArticleNotFound."""
        here = await self.placed(parts, request)
        post = await parts.database.read(find_post, here.room.folder_id, month_of(year, month), slug)
        html = (await self._posts.of([post])).get(post.line.message_id)
        return render(
            parts, here.visitor, "blog/post.html", place="blog", here=here, post=post, html=html, path_of=path_of,
            then_path=path_of(post),
        )  # fmt: skip

    async def placed(self, parts: WikiParts, request: WebRequest) -> Here:
        """The weblog, with its newest posts placed."""
        here = await weblog_here(parts, request)
        folder_id = here.room.folder_id
        await self._threads.place(folder_id)
        for _ in range(STEPS_AT_ONCE):
            if await parts.database.read(is_weblog_placed, folder_id):
                break
            await parts.database.transact(place_weblog, folder_id)
        return here

    async def _list(self, parts: WikiParts, request: WebRequest, month: date | None) -> Answer:
        here = await self.placed(parts, request)
        before = number_in(request.query.get("before"))
        page = await parts.database.read(list_weblog, here.room.folder_id, before, month)
        months = await parts.database.read(list_months, here.room.folder_id)
        html = await self._posts.of(page.posts)
        return render(
            parts,
            here.visitor,
            "blog/list.html",
            place="blog",
            here=here,
            page=page,
            html=html,
            months=[(month_path(each), month_words(each), count) for each, count in months],
            title=month_words(month) if month is not None else "Weblog",
            path=month_path(month) if month is not None else "/blog/",
            is_first=before is None,
            path_of=path_of,
            then_path="/blog/",
        )


def path_of(post: WeblogPost) -> str:
    """`/blog/2026/11/a-summer-without-the-pump`."""
    return f"{month_path(post.month)}{quote(post.slug)}"


def month_path(month: date) -> str:
    """`/blog/2026/11/`."""
    return f"/blog/{month.year:04d}/{month.month:02d}/"


def month_words(month: date) -> str:
    """`November 2026`."""
    return f"{_MONTHS[month.month - 1]} {month.year}"


def month_of(year: int, month: int) -> date:
    """Its first day. Raises NotHere for what is no month."""
    try:
        return date(year, month, 1)
    except (ValueError, OverflowError):
        raise NotHere from None
