"""The replies to mail for rooms: why a room does not take it, in the words of its policy."""

from __future__ import annotations

from collections.abc import Mapping

from services.smtp_ingest.replies import UNEXPECTED, Reply, reply_to
from shared.accounts.errors import AccountNotFound
from shared.errors import DomainError, nearest
from shared.folders.errors import MessageTooLarge
from shared.outbound.errors import TooManyQuestions
from shared.outbound.own_forwards.errors import ForwardNotAsked
from shared.robots.errors import TooManyJobs
from shared.rooms.errors import (
    AlreadyDecided,
    ArticleNotFound,
    ArticleUnfit,
    DuplicateArticle,
    MayNotPost,
    NotAModerator,
    NotHeld,
    NotTheAuthor,
    RoomNotFound,
    TooManyHeld,
    TooManyPosts,
)
from shared.rooms.subscriptions.elsewhere.errors import ElsewhereNotTaken, TooManyElsewhere
from shared.rooms.subscriptions.errors import MayNotSubscribe, NotSubscribed, RequestNotFound, SubscriberNotLocal

# Code, status, and the sentence, in which {} is what the error says.
REFUSALS: Mapping[type[DomainError], tuple[int, str, str]] = {
    AccountNotFound: (550, "5.1.1", "there is no such account any more"),
    AlreadyDecided: (550, "5.7.1", "somebody has decided about this post already: {}"),
    ArticleNotFound: (550, "5.6.0", "there is no such post"),
    ArticleUnfit: (550, "5.6.0", "{}"),
    ForwardNotAsked: (550, "5.1.1", "no such request waits for an answer"),
    DuplicateArticle: (550, "5.6.0", "a post with this Message-ID has come before, to other rooms"),
    MayNotSubscribe: (550, "5.7.1", "guests receive no mail"),
    MayNotPost: (550, "5.7.1", "{}"),
    MessageTooLarge: (552, "5.3.4", "the post is too large"),
    NotAModerator: (550, "5.7.1", "only moderators of the room decide about its posts"),
    NotHeld: (550, "5.1.1", "no such post waits for a decision"),
    NotSubscribed: (550, "5.7.1", "you are not sent the posts of this room"),
    RequestNotFound: (550, "5.1.1", "no such request waits for an answer"),
    ElsewhereNotTaken: (550, "5.7.1", "the posts of {} are sent to nobody at other servers"),
    TooManyElsewhere: (550, "5.7.1", "{} has as many subscribers at other servers as it may have"),
    TooManyQuestions: (450, "4.7.1", "too many requests in a short time, try later"),
    SubscriberNotLocal: (550, "5.7.1", "posts are sent to mailboxes of this server only, and {} is none"),
    NotTheAuthor: (550, "5.7.1", "only its author and moderators may cancel a post"),
    RoomNotFound: (550, "5.1.1", "no such room here"),
    TooManyHeld: (450, "4.2.1", "too many posts wait for the moderators, try later"),
    TooManyJobs: (450, "4.7.1", "too much in a short time, try later"),
    TooManyPosts: (450, "4.2.1", "too many posts in a short time, try later"),
}
AUTOMATIC = Reply(550, "5.7.1", "rooms take no automatic replies, bounces and bulk mail")
LIST_LOOP = Reply(554, "5.4.6", "the message comes from this room already")
SIGN_IN_TO_DECIDE = Reply(550, "5.7.1", "sign in to decide about a post: send through the submission port")
SIGN_IN_TO_ASK = Reply(550, "5.7.1", "sign in to ask for help: send through the submission port")
NOT_YET = Reply(450, "4.2.1", "that room is changing, try again")


def refusal(error: Exception) -> Reply:
    """The reply to what keeps a post from being kept; UNEXPECTED if it is not the domain's."""
    found = nearest(REFUSALS, error, None)
    if found is None:
        return reply_to(error)
    code, status, sentence = found
    return Reply(code, status, sentence.format(error))


__all__ = [
    "AUTOMATIC",
    "LIST_LOOP",
    "NOT_YET",
    "REFUSALS",
    "SIGN_IN_TO_ASK",
    "SIGN_IN_TO_DECIDE",
    "UNEXPECTED",
    "refusal",
]
