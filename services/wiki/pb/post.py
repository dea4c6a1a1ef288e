"""The method `post(room, subject, text)` of a member's perspective."""

from __future__ import annotations

from services.wiki.calls.caller import Caller
from services.wiki.calls.method import method_of
from services.wiki.calls.post_article import PostedArticle, post_article


async def _post(caller: Caller, room: str, subject: str, text: str) -> PostedArticle:
    """Post an article to a room."""
    return await post_article(caller, room, subject, text)


POST = {"post": method_of("post", _post)}
