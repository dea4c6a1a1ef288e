"""STORE (RFC 3501 §6.4.6), with UNCHANGEDSINCE (RFC 7162 §3.1.3)."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence

from services.mail_access.imap.commands.enable import enable_condstore
from services.mail_access.imap.message_set import membership, positions_of, refuse_if_read_only, slices
from services.mail_access.imap.response import Reply, ok
from services.mail_access.imap.selected import Selected, uids_at
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.updates import do_and_read_updates, take_in
from services.mail_access.imap.values.commands import Store
from services.mail_access.imap.values.sequence_set import render_set
from shared.accounts.account import Account
from shared.folders.changes import Changes
from shared.folders.keywords import mask_of
from shared.folders.modseqs import Modseqs
from shared.folders.store_flags import Stored

_DONE = ok(b"STORE completed")


async def obey(session: ImapSession, account: Account, selected: Selected, command: Store) -> Reply:
    refuse_if_read_only(selected)
    if command.unchanged_since is not None:
        enable_condstore(session)
    positions = await positions_of(session, selected, command.numbers, command.uid)
    if not positions:
        return _DONE
    stored, changes = await do_and_read_updates(
        session,
        selected,
        selected.mailbox.store,
        uids_at(selected.numbering, positions),
        command.action,
        command.flags.mask,
        command.flags.keywords,
        unchanged_since=command.unchanged_since,
    )
    if selected.condstore:
        await _tell_with_modseqs(session, selected, command, positions, stored, changes)
    else:
        await _tell(session, selected, command, positions, changes)
    if stored.failed:
        return ok(b"some had changed meanwhile", code=b"MODIFIED " + _failed(selected, command.uid, stored))
    return _DONE


async def _tell(
    session: ImapSession, selected: Selected, command: Store, positions: Sequence[int], changes: Changes
) -> None:
    """Send the flags of every message that the command names, changed or not.

    After .SILENT only those that differ from what the client expects.
    """
    chosen = membership(positions)
    if command.silent:
        foreseen = _foreseen(selected, command, changes)
        await take_in(session, selected, changes, lambda at, before, now: chosen(at) and foreseen(before) == now)
        return
    await take_in(session, selected, changes, lambda at, before, now: chosen(at))
    await session.tell(selected.tell_messages(positions))


async def _tell_with_modseqs(
    session: ImapSession,
    selected: Selected,
    command: Store,
    positions: Sequence[int],
    stored: Stored,
    changes: Changes,
) -> None:
    """Send the new modseq of every message that changed, also after .SILENT (RFC 7162 §3.1.3).

    They are among the changes. Messages whose flags were already as asked are sent, too, except after .SILENT; those
    that failed are named by MODIFIED.
    """
    told = set() if command.silent else {*changes.uids, *stored.failed}
    await take_in(session, selected, changes)
    if command.silent:
        return
    uids = selected.numbering.uids
    unchanged = array("I")
    for some in slices(positions):
        unchanged.extend([at for at in some if uids[at] not in told and uids[at] not in selected.vanished])
        await session.give_way()
    if not unchanged:
        return
    first, last = uids[unchanged[0]], uids[unchanged[-1]]
    modseqs = await session.parts.database.read(selected.mailbox.modseqs, first, last)
    await session.tell(_with_modseqs(selected, unchanged, modseqs))


def _with_modseqs(selected: Selected, positions: Sequence[int], modseqs: Modseqs) -> Iterator[bytes]:
    now = selected.modseq  # later changes are not in the flags that are sent here, so their modseqs must not be, either
    is_after = selected.mailbox.is_after
    for some in slices(positions):
        found = modseqs.of(uids_at(selected.numbering, some), absent=now)
        told = [now if is_after(modseq, now) else modseq for modseq in found]
        yield b"".join(map(selected.tell_message, some, told))


def _foreseen(selected: Selected, command: Store, changes: Changes) -> Callable[[int], int]:
    """The flags that the client expects a message to have after the command, from the flags that it knew."""
    known = selected.flag_sets.keywords if changes.keywords is None else changes.keywords
    mask = command.flags.mask | mask_of(known, command.flags.keywords)
    keep = {"add": -1, "remove": ~mask, "replace": 0}[command.action]
    put = 0 if command.action == "remove" else mask
    return lambda before: before & keep | put


def _failed(selected: Selected, uid: bool, stored: Stored) -> bytes:
    if uid:
        return render_set(stored.failed)
    numbers = (selected.numbering.position(failed) for failed in stored.failed)
    return render_set(number + 1 for number in numbers if number is not None)
