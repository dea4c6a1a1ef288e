"""Holding a post until a moderator decides about it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import psycopg2

from shared.accounts.account import Role
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.folders.append import Append, AppendTarget, append_entries
from shared.folders.errors import MessageTooLarge
from shared.folders.message import NewMessage
from shared.messages.render import render
from shared.rooms.errors import DuplicateArticle, TooManyHeld
from shared.rooms.posts.moderation_mail import moderation_mail
from shared.rooms.posts.post import Post

MOST_HELD = 1_000  # of a room: weeks of a moderator's work; a flood of posts fills no disk, nor any mailbox
MOST_HELD_OCTETS = 4 << 20  # a held post is in one row, and in the mail to each moderator
_WAITING = "SELECT count(*) FROM held WHERE decided_at IS NULL AND folder_ids && %s::bigint[]"
_HOLD = """
    INSERT INTO held (token, octets, folder_ids, account_id, network, door, identifier)
    SELECT %(token)s, %(octets)s, %(rooms)s::bigint[], %(account_id)s, %(network)s, %(door)s, %(identifier)s
    WHERE NOT EXISTS (SELECT FROM identifier WHERE identifier = %(identifier)s::bytea)
    ON CONFLICT (identifier) DO NOTHING RETURNING token
"""
# Those of the moderated rooms; where a room has none, the admins.
_INBOXES = """
    WITH asked AS (
        SELECT folder_id FROM room WHERE folder_id = ANY(%(rooms)s) AND moderated
    ), chosen AS (
        SELECT account_id FROM moderator WHERE folder_id IN (SELECT folder_id FROM asked)
        UNION
        SELECT id FROM account WHERE role = %(admin)s AND EXISTS (
            SELECT FROM asked WHERE NOT EXISTS (SELECT FROM moderator WHERE moderator.folder_id = asked.folder_id)
        )
    )
    SELECT folder.id FROM chosen JOIN account ON account.id = account_id AND account.enabled
    JOIN folder ON folder.account_id = account.id AND folder.name = 'INBOX' ORDER BY folder.id
"""


class Held(NamedTuple):
    """That a post is held, and the token that moderators decide by."""

    token: str
    moderators: int  # who have a mail about it


def hold_post(tx: Transaction, post: Post, mail_domain: str, now: datetime) -> Held:
    """Keep the post apart, and put a mail about it into the INBOX of each moderator, all in one transaction.

    Raises DuplicateArticle, TooManyHeld, MessageTooLarge.
    """
    octets = post.message.octets
    if len(octets) > MOST_HELD_OCTETS:
        raise MessageTooLarge
    rooms = list(post.rooms)
    if tx.value(_WAITING, (rooms,)) >= MOST_HELD:
        raise TooManyHeld
    row = {
        "token": secrets.token_hex(16),
        "octets": psycopg2.Binary(octets[:]),
        "rooms": rooms,
        "account_id": post.account_id,
        "network": post.network,
        "door": post.door,
        "identifier": post.identifier,
    }
    token = tx.value(_HOLD, row)
    if token is None:
        raise DuplicateArticle(post.identifier.decode("ascii", "replace"))
    return Held(token, _tell_moderators(tx, post, token, mail_domain, now))


def _tell_moderators(tx: Transaction, post: Post, token: str, mail_domain: str, now: datetime) -> int:
    """A mailbox over its quota takes it all the same: a post must not wait for that."""
    inboxes: Sequence[int] = [
        number for (number,) in tx.rows(_INBOXES, {"rooms": list(post.rooms), "admin": Role.ADMIN.value})
    ]
    if not inboxes:
        return 0
    mail = moderation_mail(post, token, mail_domain, now)
    message = NewMessage(mail, now, render(mail))
    (result,) = append_entries(
        tx, [Append(message, [AppendTarget(inbox) for inbox in inboxes], one_of_each=[inboxes], over_quota=True)]
    )
    if isinstance(result, DomainError):
        return 0  # all mailboxes are full; the post is in the list of held ones
    return sum(1 for place in result.places if not isinstance(place, DomainError))
