"""The look-up of an address: from local part and domain to the folders that its mail goes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.mail.address import DETAIL_SEPARATOR, Address
from shared.mail.errors import AddressNotFound, DomainNotLocal, RecipientDisabled

# RFC 2142 §5 and RFC 5321 §4.5.1: every domain has these; where no row says otherwise they reach the admins.
ROLE_ADDRESSES = frozenset({"postmaster", "abuse"})

# What may stand behind a room's address: what is asked of it (shared/rooms/subscriptions/request.py).
REQUESTS = ("+subscribe", "+unsubscribe", "+digest", "+help")
EVERYBODY = "*"  # the local part that gets all mail for addresses of the domain that do not exist
EXACT, BASE, EVERY = range(
    3
)  # how an address that exists matches the one asked for: exactly, as the base of user+folder, by "*"

# Mail is for members and up: a guest reads what is public, and has folders for the day it becomes a member.
_WANTED = Prepared(
    """
    SELECT wanted.number, domain.name IS NOT NULL,
           CASE address.local_part WHEN wanted.local_part THEN 0 WHEN wanted.base THEN 1 ELSE 2 END, account.id,
           account.enabled, inbox.id, detail.id, account.quota_octets - (
               SELECT coalesce(sum(octets), 0) FROM folder
               WHERE account.quota_octets IS NOT NULL AND account_id = account.id
           )::bigint,
           coalesce(
               (SELECT folder_id FROM room_address
                WHERE room_address.domain = domain.name AND room_address.local_part = wanted.local_part),
               (SELECT folder_id FROM room WHERE domain.name IS NOT NULL AND room.name = wanted.local_part)
           ),
           (SELECT token FROM held
            WHERE domain.name IS NOT NULL AND wanted.base IN ('approve', 'reject') AND held.token = wanted.detail)
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[]) WITH ORDINALITY
         AS wanted (local_part, base, detail, domain, number)
    LEFT JOIN domain ON domain.name = wanted.domain
    LEFT JOIN address ON address.domain = wanted.domain
              AND address.local_part IN (wanted.local_part, wanted.base, '*')
    LEFT JOIN account ON account.id = address.account_id AND account.role <> 'guest'
    LEFT JOIN folder AS inbox ON inbox.account_id = account.id AND inbox.name = 'INBOX'
    LEFT JOIN LATERAL (
        SELECT id FROM folder
        WHERE wanted.detail <> '' AND account_id = account.id AND selectable
              AND (name = wanted.detail OR lower(name) = lower(wanted.detail))
        ORDER BY name <> wanted.detail LIMIT 1
    ) AS detail ON true
    ORDER BY wanted.number, account.id
"""
)
_ASKED_ROOM = """
    SELECT coalesce((SELECT folder_id FROM room_address WHERE domain = %(domain)s AND local_part = %(name)s),
                    (SELECT folder_id FROM room WHERE name = %(name)s))
"""
_REQUEST = "SELECT token FROM subscription_request WHERE token = %s AND asked_at > now() - interval '3 days'"
_ADMINS = """
    SELECT account.id, folder.id FROM account
    JOIN folder ON folder.account_id = account.id AND folder.name = 'INBOX'
    WHERE account.role = 'admin' AND account.enabled ORDER BY account.id
"""


@dataclass(frozen=True, slots=True)
class FolderTarget:
    """A folder that gets the mail for an address, and the INBOX that gets it if the folder is deleted meanwhile."""

    account_id: int
    folder_id: int
    inbox_id: int
    room_octets: int | None = field(default=None, compare=False)  # what the account may keep besides; None: no limit


@dataclass(frozen=True, slots=True)
class RoomTarget:
    """A room: the mail is a post to it, if its policy takes that (shared/rooms)."""

    room_id: int
    account_id: None = None
    room_octets: None = None


@dataclass(frozen=True, slots=True)
class DecisionTarget:
    """A post that waits for a moderator: the mail approves or rejects it."""

    token: str
    approves: bool
    account_id: None = None
    room_octets: None = None


@dataclass(frozen=True, slots=True)
class RequestTarget:
    """A request of a room: to be sent its posts, or no more, or how to ask. `verb` is one of REQUESTS without its +."""

    room_id: int
    verb: str
    account_id: None = None
    room_octets: None = None


@dataclass(frozen=True, slots=True)
class ConfirmationTarget:
    """A request whose sender was not proved: the mail confirms it."""

    token: str
    account_id: None = None
    room_octets: None = None


MailTarget = FolderTarget | RoomTarget | DecisionTarget | RequestTarget | ConfirmationTarget
Targets = tuple[MailTarget, ...]  # of one address: it may lead to several accounts, or to one of the others


class _Found(NamedTuple):
    """An account that an address may lead to; all but the first are None where there is none."""

    is_local: bool
    nearness: int  # EXACT, BASE or EVERY
    account_id: int | None
    enabled: bool | None
    inbox_id: int | None
    detail_id: int | None
    room_octets: int | None
    room_id: int | None  # the room that has this address
    token: str | None  # of the held post that the address decides about


def look_up(tx: Transaction, addresses: Sequence[Address]) -> Sequence[Targets | DomainError]:
    """For each address its targets, at least one, or DomainNotLocal, AddressNotFound or RecipientDisabled.

    An account's address that exists as it is, "+" and all, goes before approve+token, reject+token and confirm+token,
    these before a room's, that before room+subscribe and the like, that before user+folder, and that before postmaster
    and abuse. The address `*` of a domain has what is left: mail for everybody who is not here. One query for all, and
    one more for role addresses, and for each that ends as a request does.
    """
    found: list[list[_Found]] = [[] for _ in addresses]
    columns = [[getattr(address, name) for address in addresses] for name in ("local_part", "base", "detail", "domain")]
    for number, *rest in tx.rows(_WANTED, columns):
        found[number - 1].append(_Found(*rest))
    admins: list[tuple[Any, ...]] | None = None
    results: list[Targets | DomainError] = []
    for address, rows in zip(addresses, found, strict=True):
        result = _choose(rows, (EXACT,))
        if isinstance(result, AddressNotFound):
            result = _of_a_room(address, rows[0]) or _of_a_request(tx, address) or _choose(rows, (BASE,))
        if isinstance(result, AddressNotFound) and address.base in ROLE_ADDRESSES:
            admins = tx.rows(_ADMINS) if admins is None else admins
            result = tuple(FolderTarget(account, inbox, inbox) for account, inbox in admins) or result
        if isinstance(result, AddressNotFound):
            result = _choose(rows, (EVERY,))
        results.append(result)
    return results


def _choose(rows: Sequence[_Found], nearest: Sequence[int]) -> Targets | DomainError:
    if not rows[0].is_local:
        return DomainNotLocal()
    reachable = [row for row in rows if row.account_id is not None and row.inbox_id is not None]
    for nearness in nearest:
        found = [row for row in reachable if row.nearness == nearness]
        if found:
            enabled = tuple(_target(row) for row in found if row.enabled)
            return enabled or RecipientDisabled()
    return AddressNotFound()


def _of_a_room(address: Address, row: _Found) -> Targets | None:
    if row.token is not None:
        return (DecisionTarget(row.token, address.base == "approve"),)
    return None if row.room_id is None else (RoomTarget(row.room_id),)


def _of_a_request(tx: Transaction, address: Address) -> Targets | None:
    """What is asked of a room, or confirms that; a query of its own, only for addresses that look so."""
    if address.base == "confirm":
        token = tx.value(_REQUEST, (address.detail,))
        return None if token is None else (ConfirmationTarget(token),)
    name, _, verb = address.local_part.rpartition(DETAIL_SEPARATOR)
    if not address.local_part.endswith(REQUESTS):
        return None
    room = tx.value(_ASKED_ROOM, {"domain": address.domain, "name": name})
    return None if room is None else (RequestTarget(room, verb),)


def _target(row: _Found) -> FolderTarget:
    assert row.account_id is not None
    assert row.inbox_id is not None
    folder_id = row.detail_id if row.nearness == BASE and row.detail_id is not None else row.inbox_id
    return FolderTarget(row.account_id, folder_id, row.inbox_id, row.room_octets)
