"""The text of an article that is searched: subject, author and body, without markup."""

from __future__ import annotations

import html
from collections.abc import Sequence

import nh3

from shared.messages.reading import Text, read_message
from shared.search_words import MOST_SEARCHED_CHARACTERS

_WITH_CONTENT = {"script", "style", "title", "template", "svg", "math"}


def article_text(octets: bytes) -> str:
    """What people read of the article, at most MOST_SEARCHED_CHARACTERS. Never raises."""
    message = read_message(octets)
    head = f"{message.subject}\n{message.author.name}\n"
    return (head + plain_text(message.texts))[:MOST_SEARCHED_CHARACTERS]


def plain_text(texts: Sequence[Text]) -> str:
    """The pieces one after the other; of HTML what stands between its elements."""
    return "\n".join(_without_markup(each.text) if each.is_html else each.text for each in texts)


def _without_markup(text: str) -> str:
    cleaned = nh3.clean(
        text[:MOST_SEARCHED_CHARACTERS].replace("<", " <"), tags=set(), clean_content_tags=_WITH_CONTENT
    )
    return html.unescape(cleaned)
