"""The judgement of an article by the policies of all the rooms that it is for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shared.rooms.article_header import ArticleHeader
from shared.rooms.directory import Rooms
from shared.rooms.errors import ArticleUnfit, MayNotPost
from shared.rooms.policy import Verdict, verdict
from shared.rooms.reader import Reader
from shared.rooms.room import Room


class Judged(NamedTuple):
    """The rooms that take it; whether it is held for a moderator of some; whether its author is one and approves it."""

    rooms: Sequence[Room]
    is_held: bool
    is_approval: bool


def rooms_named(known: Rooms, header: ArticleHeader, *, relayed: bool = False) -> Sequence[Room]:
    """The rooms that Newsgroups names: all must exist here; if another server relays the article, one of them.

    Raises RoomNotFound.
    """
    if not header.groups:
        raise ArticleUnfit("there is no Newsgroups")
    if relayed:
        here = [known.by_name[group] for group in header.groups if group in known.by_name]
        if here:
            return here
    return [known.named(group) for group in header.groups]


def judge(rooms: Sequence[Room], reader: Reader, header: ArticleHeader, *, relayed: bool = False) -> Judged:
    """Judge the article: if one room refuses it, it is refused. Raises MayNotPost.

    A server that relays an article has asked the moderators itself: with Approved the article is not held, without it
    is refused.
    """
    verdicts = [verdict(room, reader) for room in rooms]
    for judged in verdicts:
        if isinstance(judged, MayNotPost):
            raise judged
    moderated = [room for room in rooms if room.moderated]
    is_held = Verdict.HOLD in verdicts
    if relayed:
        if moderated and not header.approved:
            raise MayNotPost(f"{moderated[0].name} is moderated, and the article has no Approved")
        return Judged(rooms, False, False)
    if header.approved:
        approvers = [reader.is_moderator_of(room.folder_id) for room in moderated or rooms]
        if not (all(approvers) if moderated else any(approvers)):
            raise MayNotPost("only moderators put Approved into an article")
    return Judged(rooms, is_held, bool(moderated) and not is_held)
