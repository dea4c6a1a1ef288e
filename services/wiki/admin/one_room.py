"""Making a room, and changing its description, policy, moderators and how long its articles are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import quote

from services.wiki.admin.admin_here import admin_here
from services.wiki.admin.administer import administer
from services.wiki.admin.fields import choice_of, names_of, number_of
from services.wiki.parts import WikiParts
from services.wiki.sessions.visitor import Visitor
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.forms import Form
from services.wiki.site.render import render
from services.wiki.site.replies import refusal_of
from services.wiki.site.request import WebRequest
from services.wiki.visitor import check_csrf
from shared.accounts.errors import AccountNotFound
from shared.administration import rooms
from shared.administration.rooms import RoomShown
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.rooms.errors import BadRoomName, ModeratorNotFound, RoomExists
from shared.rooms.room import Posters, Readers

NEW_PATH = "/admin/new-room"
_SAID = {"made": "The room is made.", "changed": "The room is changed."}


class RoomForm(NamedTuple):
    """What the form has; `moderators` are names of accounts."""

    name: str = ""
    description: str = ""
    reading: Readers = Readers.MEMBERS
    posting: Posters = Posters.MEMBERS
    moderated: bool = False
    keep_days: int | None = None
    moderators: Sequence[str] = ()

    @property
    def policy(self) -> Mapping[str, Any]:
        """The fields that create_room() and change_room() take."""
        return {
            "description": self.description, "reading": self.reading, "posting": self.posting,
            "moderated": self.moderated, "keep_days": self.keep_days,
        }  # fmt: skip


async def show_new_room(parts: WikiParts, request: WebRequest) -> Answer:
    """The empty form. Raises SignInNeeded, AdminsAlone."""
    return _form(parts, await admin_here(parts, request), RoomForm(), None)


async def make_room(parts: WikiParts, request: WebRequest) -> Answer:
    """Make the room `name`. Raises BadForm, CrossSite, SignInNeeded, AdminsAlone."""
    visitor = await admin_here(parts, request)
    await check_csrf(visitor, request)
    form = await request.form()
    typed = _typed(form, form.needed("name").strip().lower())

    def make(tx: Transaction) -> RoomShown:
        shown = rooms.add(tx, typed.name, (), typed.policy)
        rooms.change_moderators(tx, typed.name, typed.moderators)
        return shown

    try:
        await administer(parts, visitor, f"room add {typed.name}", make)
    except (AccountNotFound, BadRoomName, RoomExists) as error:
        return _form(parts, visitor, typed, None, error)
    return see_other(f"/admin/rooms/{quote(typed.name)}?done=made")


async def show_room(parts: WikiParts, request: WebRequest, name: str) -> Answer:
    """The form with the room as it is. Raises SignInNeeded, AdminsAlone, RoomNotFound."""
    visitor = await admin_here(parts, request)
    shown = await parts.database.read(rooms.show, name)
    return _form(parts, visitor, _as_it_is(shown), shown, said=_SAID.get(request.query.get("done", ""), ""))


async def change_room(parts: WikiParts, request: WebRequest, name: str) -> Answer:
    """Make the room as the form has it. Raises BadForm, CrossSite, SignInNeeded, AdminsAlone, RoomNotFound."""
    visitor = await admin_here(parts, request)
    await check_csrf(visitor, request)
    typed = _typed(await request.form(), name)

    def change(tx: Transaction) -> None:
        former = rooms.change(tx, name, typed.policy).moderators  # none is added meanwhile: the room is locked now
        rooms.change_moderators(tx, name, added=[each for each in typed.moderators if each not in former])
        for each in former:
            if each not in typed.moderators:
                with suppress(AccountNotFound, ModeratorNotFound):  # the account has been deleted meanwhile
                    rooms.change_moderators(tx, name, removed=[each])

    try:
        await administer(parts, visitor, f"room set {name}", change)
    except AccountNotFound as error:
        return _form(parts, visitor, typed, await parts.database.read(rooms.show, name), error)
    return see_other(f"/admin/rooms/{quote(name)}?done=changed")


def _typed(form: Form, name: str) -> RoomForm:
    return RoomForm(
        name,
        form.get("description", ""),
        choice_of(form, "reading", Readers),
        choice_of(form, "posting", Posters),
        "moderated" in form,
        number_of(form, "keep_days"),
        names_of(form, "moderators"),
    )


def _as_it_is(shown: RoomShown) -> RoomForm:
    room = shown.room
    return RoomForm(
        room.name, room.description, room.reading, room.posting, room.moderated, room.keep_days, shown.moderators
    )


def _form(
    parts: WikiParts,
    visitor: Visitor,
    room: RoomForm,
    shown: RoomShown | None,
    error: DomainError | None = None,
    said: str = "",
) -> Answer:
    """`shown` is None for a room that is to be made."""
    why = "" if error is None else refusal_of(error).sentence
    if isinstance(error, AccountNotFound):
        why = f"There is no account {error}." if str(error) else why
    return render(
        parts, visitor, "admin/room.html", status=422 if why else 200, room=room, shown=shown, why=why, said=said,
        readers=list(Readers), posters=list(Posters), action=f"/admin/rooms/{quote(room.name)}" if shown else NEW_PATH,
        mail_domain=parts.names.mail_domain, then_path="/admin/rooms",
    )  # fmt: skip
