"""Updates of the selected mailbox (RFC 3501 §5.2): read from the store, and sent to the client."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from contextlib import suppress
from typing import Concatenate, ParamSpec, TypeVar

from services.mail_access.imap.mailbox import ChangesOrAll
from services.mail_access.imap.numbering import AT_ONCE, Numbering
from services.mail_access.imap.reading import Farewell
from services.mail_access.imap.selected import MISSED, NO_NEWS, Quiet, Selected
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.values.flags import STORED
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.folders.changes import Changes
from shared.folders.errors import FolderNotFound
from shared.folders.open_folder import Snapshot
from shared.give_way import next_turn

P = ParamSpec("P")
T = TypeVar("T")


async def send_updates(session: ImapSession, selected: Selected) -> None:
    """Send the flags and arrivals since the last time; what vanished may have to wait for `expunge`.

    Raises Farewell when the mailbox is gone, StoreUnavailable.
    """
    heard, selected.news = selected.news, NO_NEWS
    try:
        if session.idling and heard < MISSED:
            read = await selected.mailbox.news(session.parts.changes, selected.modseq, heard, selected.uidnext)
        else:
            read = await session.parts.database.read(selected.mailbox.changes, selected.modseq)
    except FolderNotFound:
        raise Farewell(b"* BYE the selected mailbox has been deleted\r\n") from None
    except DomainError:
        selected.news = selected.mailbox.joined(heard, selected.news) or MISSED
        raise
    session.fresh = True
    await take_in(session, selected, await _as_changes(session, selected, read))


async def take_in(session: ImapSession, selected: Selected, changes: Changes, quiet: Quiet | None = None) -> None:
    """Let `selected` take in the changes and tell them; if messages arrived, find out to whom they are recent.

    No FETCH is sent for changes that are `quiet`: the client knows them, or another response tells it of them.
    """
    if len(changes.uids) + len(changes.vanished) > AT_ONCE:
        await next_turn(session.clock)  # many sessions may have them at once
    uidnext = changes.folder.uidnext
    recent_from = uidnext
    if uidnext > selected.uidnext:
        with suppress(DomainError):  # the arrivals are told all the same
            recent_from = await selected.mailbox.claim_recent(uidnext, selected.read_only)
    await session.tell(selected.take_in(changes, recent_from, quiet))


async def send_updates_unless_fresh(session: ImapSession, selected: Selected) -> None:
    """For commands that clients send many of at once: updates are sent with the first of them only."""
    if selected.news or not session.fresh:
        await send_updates(session, selected)


async def send_updates_if_news(session: ImapSession, selected: Selected) -> None:
    """For commands that are not about the mailbox: only if the bus has told of changes."""
    if selected.news:
        await send_updates(session, selected)


async def send_no_updates(session: ImapSession, selected: Selected) -> None:
    """For commands that send updates themselves, after what they do, or that leave the mailbox."""


async def do_and_read_updates(
    session: ImapSession,
    selected: Selected,
    operation: Callable[Concatenate[Transaction, P], T],
    *arguments: P.args,
    **named: P.kwargs,
) -> tuple[T, Changes]:
    """Run an operation that changes something, and read all changes of the mailbox in the same transaction.

    The caller must then `take_in` the changes. Raises what the operation raises.
    """

    def do(tx: Transaction) -> tuple[T, ChangesOrAll]:
        result = operation(tx, *arguments, **named)
        return result, selected.mailbox.changes(tx, selected.modseq)

    result, read = await session.parts.database.transact(do)
    return result, await _as_changes(session, selected, read)


async def _as_changes(session: ImapSession, selected: Selected, read: ChangesOrAll) -> Changes:
    if isinstance(read, Changes):
        return read
    return await session.parts.message_cache.aside(lambda: difference(selected.numbering, read))


def difference(numbering: Numbering, snapshot: Snapshot) -> Changes:
    """What changed between what a session knows and the folder as it is, found by comparing the two."""
    changed, vanished = array("I"), array("I")
    place, known = 0, numbering.uids
    for index, uid in enumerate(snapshot.uids):  # both ascend
        while place < len(known) and known[place] < uid:
            vanished.append(known[place])
            place += 1
        if place < len(known) and known[place] == uid:
            if numbering.mask(place) & STORED != snapshot.flags[index]:
                changed.append(index)
            place += 1
        else:
            changed.append(index)
    vanished.extend(known[place:])
    return Changes(
        folder=snapshot.folder,
        uids=array("I", [snapshot.uids[index] for index in changed]),
        message_ids=array("q", [snapshot.message_ids[index] for index in changed]),
        flags=array("q", [snapshot.flags[index] for index in changed]),
        modseqs=array("q", [snapshot.folder.highest_modseq] * len(changed)),
        vanished=vanished,
        keywords=snapshot.keywords,
    )
