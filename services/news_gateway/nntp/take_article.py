"""An article on its way in, by POST or IHAVE: read, posted, answered, and written into the log."""

from __future__ import annotations

from typing import NamedTuple

from services.news_gateway.nntp import replies
from services.news_gateway.nntp.post_refusals import refusal
from services.news_gateway.nntp.posting_log import record_refused, record_taken
from services.news_gateway.nntp.session import NntpSession
from shared.errors import DomainError
from shared.rooms.posts.post import Posted
from shared.rooms.posts.posting import Origin


class Answers(NamedTuple):
    """The replies of one command."""

    go_ahead: bytes
    taken: int
    refused: int
    later: int  # the article may be taken when it is sent again


async def take_article(session: NntpSession, answers: Answers, *, relayed: bool = False) -> None:
    """Send `go_ahead`, read the article that follows, and answer it. The answer that it is taken comes after the
    commit.

    An LF alone is made CR LF, as on the submission door: it comes from a program on its way out. Of another server's
    article nothing is mended.
    """
    began, octets = session.clock.seconds(), 0
    session.write(answers.go_ahead)
    session.in_the_middle = True  # what the client sends next is no command
    try:
        with session.parts.posting.coming():
            block = await session.read_dot_block(session.parts.article_octets, mends_line_feeds=not relayed)
        session.in_the_middle = False
        octets = len(block)
        try:
            origin = Origin(session.door_name, session.peer.host, relayed)
            posted = await session.parts.posting.post(block, await session.present_reader(), origin)
        finally:
            block.close()
    except DomainError as error:
        code, reason = _refuse(session, error, answers)
        record_refused(session, code, reason, octets, began)
    else:
        session.write(b"%d %b %b\r\n" % (answers.taken, posted.identifier, _words(posted)))
        names = session.names_of(posted.places)
        record_taken(session, answers.taken, posted.identifier, names, octets, began)


def _words(posted: Posted) -> bytes:
    if posted.cancelled:
        return b"is done, the article is cancelled"
    return b"is held for the moderators" if posted.held else b"is posted"


def _refuse(session: NntpSession, error: DomainError, answers: Answers) -> tuple[int, str]:
    """Answer; returns the code, and the reason for the metrics."""
    refused = refusal(error)
    if refused is None:
        session.write(b"%d%b" % (answers.later, replies.reply_to(error)[3:]))
        return answers.later, "store_away"
    reason, sentence = refused
    code = answers.later if error.temporary and answers.later != replies.INTERNAL else answers.refused
    session.write(replies.line(code, sentence))
    return code, reason
