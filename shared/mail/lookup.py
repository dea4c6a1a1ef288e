"""The look-up of an address: from local part and domain to the folders that its mail goes to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.mail.address import DETAIL_SEPARATOR, Address
from shared.mail.errors import AddressNotFound, DomainNotLocal, RecipientDisabled
from shared.mail.robots import robot_at
from shared.mail.srs import PREFIXES

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
            WHERE domain.name IS NOT NULL AND wanted.base IN ('approve', 'reject') AND held.token = wanted.detail),
           (SELECT array_agg(ARRAY[forward.local_part, target, target_domain] ORDER BY target) FROM forward
            WHERE forward.domain = wanted.domain AND forward.local_part IN (wanted.local_part, wanted.base, '*')),
           (SELECT array_agg(ARRAY[own_forward.target, own_forward.target_domain] ORDER BY own_forward.target)
            FROM own_forward WHERE own_forward.account_id = account.id AND confirmed_at IS NOT NULL),
           account.keeps_forwarded
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
_REQUEST = """
    SELECT token, false FROM subscription_request WHERE token = %(token)s AND asked_at > now() - interval '3 days'
    UNION ALL SELECT token, false FROM remote_request WHERE token = %(token)s AND asked_at > now() - interval '3 days'
    UNION ALL SELECT token, true FROM own_forward
    WHERE token = %(token)s AND confirmed_at IS NULL AND asked_at > now() - interval '3 days'
"""
_SUBSCRIBER = "SELECT token FROM remote_subscriber WHERE token = %s"
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
    is_sent_on: bool = False  # to the account's own forwards, and not kept here where it is


class _NoMailbox:
    """What is no mailbox of an account here, and takes no octets of one."""

    __slots__ = ()
    account_id: ClassVar[None] = None
    room_octets: ClassVar[None] = None


@dataclass(frozen=True, slots=True)
class RoomTarget(_NoMailbox):
    """A room: the mail is a post to it, if its policy takes that (shared/rooms)."""

    room_id: int


@dataclass(frozen=True, slots=True)
class DecisionTarget(_NoMailbox):
    """A post that waits for a moderator: the mail approves or rejects it."""

    token: str
    approves: bool


@dataclass(frozen=True, slots=True)
class RequestTarget(_NoMailbox):
    """A request of a room: to be sent its posts, or no more, or how to ask. `verb` is one of REQUESTS without its +."""

    room_id: int
    verb: str


@dataclass(frozen=True, slots=True)
class ConfirmationTarget(_NoMailbox):
    """A request whose sender was not proved: the mail confirms it."""

    token: str


@dataclass(frozen=True, slots=True)
class OwnForwardTarget(_NoMailbox):
    """A forward that a member wants to this mail's sender: the mail confirms it."""

    token: str


@dataclass(frozen=True, slots=True)
class BounceTarget(_NoMailbox):
    """The sender of what a room's subscriber elsewhere was sent: the mail is a bounce of that."""

    token: str


@dataclass(frozen=True, slots=True)
class UnsubscribeTarget(_NoMailbox):
    """The way out of a room's subscriber elsewhere, which nobody else knows."""

    token: str


@dataclass(frozen=True, slots=True)
class RobotTarget(_NoMailbox):
    """A robot (shared/mail/robots.py), and what stands behind the "+" of its address."""

    robot: str
    detail: str


@dataclass(frozen=True, slots=True)
class RemoteTarget(_NoMailbox):
    """A mailbox at another server. No address here leads to one: a door that sends mail makes it of the recipient."""

    address: str
    domain: str  # in A-labels, or an address literal
    notify: str = ""  # of reports: NOTIFY and ORCPT (RFC 3461)
    original: str = ""


@dataclass(frozen=True, slots=True)
class ForwardTarget(_NoMailbox):
    """An address elsewhere that the address leads to, or that its account has its mail sent on to."""

    address: str
    domain: str  # in A-labels
    own_of: int | None = None  # the account that has its mail sent on; None: the address itself leads there


@dataclass(frozen=True, slots=True)
class ReturnTarget(_NoMailbox):
    """A return address of something that was forwarded (srs.py): the door asks it for the first sender.

    Its local part is read as it was written, in its own case.
    """


MailTarget = (
    FolderTarget
    | RoomTarget
    | DecisionTarget
    | RequestTarget
    | ConfirmationTarget
    | OwnForwardTarget
    | BounceTarget
    | UnsubscribeTarget
    | RobotTarget
    | RemoteTarget
    | ForwardTarget
    | ReturnTarget
)
# Of one address: it may lead to several accounts and then to addresses elsewhere, or to one of the others.
Targets = tuple[MailTarget, ...]


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
    forwards: Sequence[Sequence[str]] | None  # to elsewhere: the local part that leads there, address, domain
    own_forwards: Sequence[Sequence[str]] | None  # of the account: address, domain
    keeps_forwarded: bool | None


def look_up(
    tx: Transaction, addresses: Sequence[Address], robots: Collection[str] = ()
) -> Sequence[Targets | DomainError]:
    """For each address its targets, at least one, or DomainNotLocal, AddressNotFound or RecipientDisabled.

    An account's address that exists as it is, "+" and all, goes before approve+token, reject+token and confirm+token,
    these before a room's, that before room+subscribe and the like, that before user+folder, that before a robot's, that
    before return addresses, and these before postmaster and abuse. The address `*` of a domain has what is left: mail
    for everybody who is not here. `robots`: those that are there by a setting alone, and are on.
    One query for all, and one more for role addresses, and for each that ends as a request does.
    """
    found: list[list[_Found]] = [[] for _ in addresses]
    columns = [[getattr(address, name) for address in addresses] for name in ("local_part", "base", "detail", "domain")]
    for number, *rest in tx.rows(_WANTED, columns):
        found[number - 1].append(_Found(*rest))
    admins: Targets | None = None
    results: list[Targets | DomainError] = []
    for address, rows in zip(addresses, found, strict=True):
        result = _choose(address, rows, EXACT)
        if isinstance(result, AddressNotFound):
            result = _of_a_room(address, rows[0]) or _of_a_request(tx, address) or _choose(address, rows, BASE)
        if isinstance(result, AddressNotFound):
            result = _of_a_robot(address, robots) or result
        if isinstance(result, AddressNotFound) and address.local_part.startswith(PREFIXES):
            result = (ReturnTarget(),)
        if isinstance(result, AddressNotFound) and address.base in ROLE_ADDRESSES:
            admins = admin_targets(tx) if admins is None else admins
            result = admins or result
        if isinstance(result, AddressNotFound):
            result = _choose(address, rows, EVERY)
        results.append(result)
    return results


def admin_targets(tx: Transaction) -> tuple[FolderTarget, ...]:
    """The INBOX of every administrator that is enabled."""
    return tuple(FolderTarget(account, inbox, inbox) for account, inbox in tx.rows(_ADMINS))


def _choose(address: Address, rows: Sequence[_Found], nearness: int) -> Targets | DomainError:
    if not rows[0].is_local:
        return DomainNotLocal()
    found = [
        row for row in rows if row.account_id is not None and row.inbox_id is not None and row.nearness == nearness
    ]
    targets: Targets = tuple(_target(row) for row in found if row.enabled)
    for row in found:
        if row.own_forwards is not None and row.enabled:
            targets += tuple(ForwardTarget(target, domain, row.account_id) for target, domain in row.own_forwards)
    if rows[0].forwards is not None:
        targets += _forwards(address, rows[0].forwards, nearness)
    return targets or (RecipientDisabled() if found else AddressNotFound())


def _forwards(address: Address, forwards: Sequence[Sequence[str]], nearness: int) -> tuple[ForwardTarget, ...]:
    """Those of the address itself, of its base, or of everybody."""
    if nearness == BASE and address.base == address.local_part:
        return ()
    wanted = (address.local_part, address.base, EVERYBODY)[nearness]
    return tuple(ForwardTarget(target, domain) for local_part, target, domain in forwards if local_part == wanted)


def _of_a_room(address: Address, row: _Found) -> Targets | None:
    if row.token is not None:
        return (DecisionTarget(row.token, address.base == "approve"),)
    return None if row.room_id is None else (RoomTarget(row.room_id),)


def _of_a_request(tx: Transaction, address: Address) -> Targets | None:
    """What is asked of a room, or confirms that or a forward; a query of its own, only for addresses that look so."""
    if address.base == "confirm":
        row = tx.row(_REQUEST, {"token": address.detail.lower()})
        if row is None:
            return None
        token, of_forward = row
        return (OwnForwardTarget(token) if of_forward else ConfirmationTarget(token),)
    if address.base in ("bounce", "unsubscribe") and address.detail:
        token = tx.value(_SUBSCRIBER, (address.detail.lower(),))
        if token is not None:
            return (BounceTarget(token) if address.base == "bounce" else UnsubscribeTarget(token),)
    name, _, verb = address.local_part.rpartition(DETAIL_SEPARATOR)
    if not address.local_part.endswith(REQUESTS):
        return None
    room = tx.value(_ASKED_ROOM, {"domain": address.domain, "name": name})
    return None if room is None else (RequestTarget(room, verb),)


def _of_a_robot(address: Address, optional: Collection[str]) -> Targets | None:
    kind = robot_at(address.base, address.detail, address.local_part, optional)
    return None if kind is None else (RobotTarget(kind.name, address.detail),)


def _target(row: _Found) -> FolderTarget:
    assert row.account_id is not None
    assert row.inbox_id is not None
    folder_id = row.detail_id if row.nearness == BASE and row.detail_id is not None else row.inbox_id
    is_sent_on = row.own_forwards is not None and row.keeps_forwarded is False
    return FolderTarget(row.account_id, folder_id, row.inbox_id, row.room_octets, is_sent_on)
