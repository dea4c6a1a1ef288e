r"""FETCH (RFC 3501 §6.4.5), with MODSEQ and CHANGEDSINCE (RFC 7162 §3.1.4)."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from services.mail_access.imap.commands.enable import enable_condstore
from services.mail_access.imap.fetching.plan import Plan, compile_plan
from services.mail_access.imap.fetching.rows import Rows
from services.mail_access.imap.message_set import membership, positions_of, slices
from services.mail_access.imap.replies import REPLIES
from services.mail_access.imap.response import Reply, ok
from services.mail_access.imap.selected import Selected, uids_at
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.updates import do_and_read_updates, send_updates, take_in
from services.mail_access.imap.values.commands import Fetch
from services.mail_access.imap.values.fetch import Fact, FetchItem
from services.mail_access.imap.values.flags import SEEN
from shared.accounts.account import Account
from shared.folders.errors import MessageNotFound
from shared.folders.modseqs import Modseqs

_DONE = ok(b"FETCH completed")


async def obey(session: ImapSession, account: Account, selected: Selected, command: Fetch) -> Reply:
    items = _items(command)
    if Fact.MODSEQ in items:
        enable_condstore(session)
    positions = await positions_of(session, selected, command.numbers, command.uid)
    modseqs = await _modseqs(session, selected, positions) if Fact.MODSEQ in items else None
    if command.changed_since is not None and modseqs is not None:  # the items have MODSEQ then
        positions = await _changed_since(session, selected, positions, modseqs, command.changed_since)
    if not positions:
        return _DONE
    plan = compile_plan(items)
    if plan.marks_seen and not selected.read_only:
        plan, modseqs = await _mark_seen(session, selected, plan, positions, modseqs)
    rows = Rows(session, selected, plan, modseqs)
    await rows.write(positions)
    return REPLIES[MessageNotFound] if rows.missing else _DONE


def _items(command: Fetch) -> list[FetchItem]:
    """The items asked for, and those that are implied."""
    items = list(command.items)
    if command.uid and Fact.UID not in items:
        items.insert(0, Fact.UID)
    if command.changed_since is not None and Fact.MODSEQ not in items:
        items.append(Fact.MODSEQ)
    return items


async def _changed_since(
    session: ImapSession, selected: Selected, positions: Sequence[int], modseqs: Modseqs, since: int
) -> Sequence[int]:
    changed = array("I")
    for some in slices(positions):
        found = modseqs.of(uids_at(selected.numbering, some), absent=0)
        changed.extend(selected.mailbox.changed_after(some, found, since))
        await session.give_way()
    return changed


async def _modseqs(session: ImapSession, selected: Selected, positions: Sequence[int]) -> Modseqs:
    """Modseqs by UID, never newer than the flags that this session knows.

    By a newer one the client would believe that it has seen a change of which it does not know (RFC 7162 §3.1.4).
    """
    if not positions:
        return Modseqs(array("I"), array("q"))
    uids = selected.numbering.uids
    low, high = uids[positions[0]], uids[positions[-1]]
    while True:
        modseqs = await session.parts.database.read(selected.mailbox.modseqs, low, high)
        if not selected.mailbox.is_after(modseqs.greatest, selected.modseq):
            return modseqs
        await send_updates(session, selected)


async def _mark_seen(
    session: ImapSession, selected: Selected, plan: Plan, positions: Sequence[int], modseqs: Modseqs | None
) -> tuple[Plan, Modseqs | None]:
    r"""Set \Seen on the messages that are about to be sent; the rows show the new flags (RFC 3501 §6.4.5)."""
    numbering = selected.numbering
    unseen = array("I")
    for some in slices(positions):
        unseen.extend([numbering.uids[at] for at in some if not numbering.mask(at) & SEEN])
        await session.give_way()
    if not unseen:
        return plan, modseqs
    _stored, changes = await do_and_read_updates(session, selected, selected.mailbox.store, unseen, "add", SEEN)
    chosen = membership(positions)
    await take_in(session, selected, changes, lambda at, before, now: chosen(at))  # the rows tell it
    items = list(plan.items)
    if Fact.FLAGS not in items:
        items.append(Fact.FLAGS)
    if selected.condstore and Fact.MODSEQ not in items:
        items.append(Fact.MODSEQ)
    if Fact.MODSEQ in items:
        modseqs = await _modseqs(session, selected, positions)
    return compile_plan(items), modseqs
