"""How the rooms that a member reads come by mail: each post, once a day in a digest, or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.wiki.members.account_page import asked
from services.wiki.parts import WikiParts
from services.wiki.rooms.here import number_in
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.errors import BadForm, SignInNeeded
from services.wiki.site.render import render
from services.wiki.site.request import WebRequest
from services.wiki.visitor import visitor_of
from shared.accounts.account import Account
from shared.database.transaction import Transaction
from shared.rooms.room import Room
from shared.rooms.subscriptions.subscribe import subscribe
from shared.rooms.subscriptions.subscription import SubscriptionKind
from shared.rooms.subscriptions.subscriptions_of import subscriptions_of
from shared.rooms.subscriptions.unsubscribe import unsubscribe

PATH = "/account/mail"
ROOMS = 100  # on a page
FIELD = "room."  # begins the names of fields; the room's name follows
OFF = "off"
KINDS = (
    (OFF, "No mail"),
    (SubscriptionKind.EACH.value, "Each post"),
    (SubscriptionKind.DIGEST.value, "A digest once a day"),
)
_VALUES = frozenset(value for value, _ in KINDS)


async def show_delivery(parts: WikiParts, request: WebRequest) -> Answer:
    """The rooms by name, each with its choice. Raises SignInNeeded, BadForm."""
    visitor = await visitor_of(parts, request)
    account = visitor.account
    if account is None:
        raise SignInNeeded
    rooms = await _rooms_of(parts, account)
    first = number_in(request.query.get("from"), 0) or 0
    kinds = await parts.database.read(_kinds_by_room, account.id)
    return render(
        parts, visitor, "members/mail_delivery.html", said="done" in request.query, kinds=KINDS, field=FIELD,
        lines=[(room, kinds.get(room.folder_id, OFF)) for room in rooms[first : first + ROOMS]], first=first,
        following=first + ROOMS if len(rooms) > first + ROOMS else None, all_rooms=len(rooms),
        address=f"{account.name}@{parts.names.mail_domain}",
    )  # fmt: skip


async def change_delivery(parts: WikiParts, request: WebRequest) -> Answer:
    """Keep the choices of a page of rooms; what is chosen already stays as it is, and no post comes twice.

    Raises SignInNeeded, CrossSite, BadForm, MayNotSubscribe.
    """
    _, form, account = await asked(parts, request)
    wanted = {name.removeprefix(FIELD): kind for name, kind in form.items() if name.startswith(FIELD)}
    if not _VALUES.issuperset(wanted.values()):
        raise BadForm("A room is sent as each, digest or off.")
    chosen = [(room, wanted[room.name]) for room in await _rooms_of(parts, account) if room.name in wanted]
    await parts.database.transact(_change, account, chosen, parts)
    first = number_in(form.get("from"), 0) or 0
    return see_other(f"{PATH}?from={first}&done=1")


async def _rooms_of(parts: WikiParts, account: Account) -> Sequence[Room]:
    rooms = await parts.directory.rooms()
    return rooms.readable_by(rooms.reader(account))


def _kinds_by_room(tx: Transaction, account_id: int) -> Mapping[int, str]:
    return {each.folder_id: each.kind.value for each in subscriptions_of(tx, account_id)}


def _change(tx: Transaction, account: Account, chosen: Sequence[tuple[Room, str]], parts: WikiParts) -> None:
    now_so = _kinds_by_room(tx, account.id)
    for room, kind in chosen:
        if kind == now_so.get(room.folder_id, OFF):
            continue
        if kind == OFF:
            unsubscribe(tx, room, account)
        else:
            subscribe(tx, room, account, SubscriptionKind(kind), parts.now())
