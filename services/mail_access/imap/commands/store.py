"""STORE (RFC 3501 §6.4.6), with UNCHANGEDSINCE (RFC 7162 §3.1.3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from services.mail_access.imap.choosing import changeable, spans_of
from services.mail_access.imap.commands.enable import enable_condstore
from services.mail_access.imap.looking import do_and_look, take_in
from services.mail_access.imap.numbering import positions_in
from services.mail_access.imap.response import Reply, ok
from services.mail_access.imap.selected import Selected, uids_at
from services.mail_access.imap.values.commands import Store
from services.mail_access.imap.values.flags import STORED
from services.mail_access.imap.values.sequence_set import render_set
from shared.folders.changes import Changes
from shared.folders.modseqs import modseqs_of
from shared.folders.store_flags import Action, Stored, store_flags

if TYPE_CHECKING:
    from services.mail_access.imap.session import ImapSession

_DONE = ok(b"STORE completed")


async def obey(session: ImapSession, command: Store) -> Reply:
    selected = changeable(session)
    if command.unchanged_since is not None:
        enable_condstore(session)
    positions = positions_in(spans_of(session, command.numbers, command.uid))
    if not positions:
        return _DONE
    stored, changes = await do_and_look(
        session,
        selected,
        store_flags,
        selected.folder_id,
        uids_at(selected.numbering, positions),
        cast(Action, command.action),
        command.flags.mask,
        command.flags.keywords,
        unchanged_since=command.unchanged_since,
    )
    await session.backing.bus.announce(stored.events)
    if selected.condstore:
        await _tell_with_modseqs(session, selected, command, positions, stored, changes)
    else:
        await _tell(session, selected, command, positions, stored, changes)
    if stored.failed:
        return ok(b"some had changed meanwhile", code=b"MODIFIED " + _failed(selected, command.uid, stored))
    return _DONE


async def _tell(
    session: ImapSession,
    selected: Selected,
    command: Store,
    positions: Sequence[int],
    stored: Stored,
    changes: Changes,
) -> None:
    """The flags of every message that the command was about, changed or not; silently, only those the client cannot
    work out for himself."""
    if command.silent:
        foreseen = _foreseen(selected, command, changes, stored)
        session.write(await take_in(session, selected, changes, foreseen))
        return
    ours = {selected.numbering.uids[position] for position in positions}
    told = await take_in(session, selected, changes, ours)
    session.write(told + selected.tell_messages(positions))


async def _tell_with_modseqs(
    session: ImapSession,
    selected: Selected,
    command: Store,
    positions: Sequence[int],
    stored: Stored,
    changes: Changes,
) -> None:
    """The client wants the new modseq of each that changed, silent or not (RFC 7162 §3.1.3): they are among the
    changes. What was already as asked is told, too, unless silently; what failed is told by MODIFIED."""
    session.write(await take_in(session, selected, changes))
    if command.silent:
        return
    uids = selected.numbering.uids
    told = {*changes.uids, *stored.failed, *selected.vanished}
    unchanged = [position for position in positions if uids[position] not in told]
    if not unchanged:
        return
    first, last = uids[unchanged[0]], uids[unchanged[-1]]
    modseqs = await session.backing.database.read(modseqs_of, selected.folder_id, first, last)
    now = selected.modseq  # what came later is not in the flags that are told here, so nor may its modseq be
    session.write(b"".join([selected.tell_message(at, min(modseqs.get(uids[at], now), now)) for at in unchanged]))


def _foreseen(selected: Selected, command: Store, changes: Changes, stored: Stored) -> set[int]:
    """The UIDs whose flags are now what the client, knowing the old ones, expects."""
    if changes.keywords is not None:
        selected.flag_sets.learn(changes.keywords)
    keywords = selected.flag_sets.mask_of(command.flags.keywords)
    mask = command.flags.mask | (keywords or 0)
    keep = {"add": -1, "remove": ~mask, "replace": 0}[command.action]
    put = 0 if command.action == "remove" else mask
    numbering = selected.numbering
    ours = set(stored.uids)
    foreseen = set()
    for uid, flags in zip(changes.uids, changes.flags, strict=True):
        position = numbering.position(uid) if uid in ours else None
        if position is not None and numbering.mask(position) & STORED & keep | put == flags:
            foreseen.add(uid)
    return foreseen


def _failed(selected: Selected, uid: bool, stored: Stored) -> bytes:
    if uid:
        return render_set(stored.failed)
    numbers = (selected.numbering.position(failed) for failed in stored.failed)
    return render_set(number + 1 for number in numbers if number is not None)
