"""The sentence for each reason why an article is not taken (RFC 3977 §6.3.1: the code is 441 for all of them)."""

from __future__ import annotations

from collections.abc import Mapping

from shared.conversation.errors import BareLineFeed, BlockTooLarge, SpoolFull
from shared.database.errors import StoreFull
from shared.errors import DomainError, nearest
from shared.folders.errors import MessageTooLarge
from shared.rooms.errors import (
    ArticleNotFound,
    ArticleUnfit,
    DuplicateArticle,
    MayNotPost,
    NotTheAuthor,
    RoomNotFound,
    TooManyHeld,
    TooManyPosts,
)

# The reason for the metrics, and the sentence, in which {} is what the error says: a name, or a sentence of its own.
REFUSALS: Mapping[type[DomainError], tuple[str, str]] = {
    ArticleNotFound: ("unknown_article", "there is no article {} to be cancelled"),
    ArticleUnfit: ("malformed", "{}"),
    BareLineFeed: ("malformed", "there is a CR without LF in the article"),
    BlockTooLarge: ("too_large", "the article is too large"),
    DuplicateArticle: ("duplicate", "{} has come before"),
    MayNotPost: ("not_allowed", "{}"),
    MessageTooLarge: ("too_large", "the article is too large"),
    NotTheAuthor: ("not_allowed", "only its author and moderators may cancel an article"),
    RoomNotFound: ("unknown_room", "there is no group {} here"),
    SpoolFull: ("no_room", "there is no room for the article now, try again later"),
    StoreFull: ("no_room", "there is no room for the article now, try again later"),
    TooManyHeld: ("limit", "too many articles wait for the moderators, try again later"),
    TooManyPosts: ("limit", "too many articles in a short time, try again later"),
}


def refusal(error: DomainError) -> tuple[str, str] | None:
    """Reason and sentence; None for an error that is not about the article, such as a store that is away."""
    found = nearest(REFUSALS, error, None)
    return None if found is None else (found[0], found[1].format(error))
