"""SEARCH (RFC 3501 §6.4.4), ESEARCH (RFC 4731), SEARCHRES (RFC 5182), MODSEQ (RFC 7162 §3.1.5)."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

from services.mail_access.imap.commands.enable import enable_condstore
from services.mail_access.imap.message_set import slices
from services.mail_access.imap.response import Reply, ok
from services.mail_access.imap.searching.searcher import Searcher
from services.mail_access.imap.selected import Selected, uids_at
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.values.commands import Search
from services.mail_access.imap.values.sequence_set import NO_UIDS, set_pieces
from shared.accounts.account import Account


async def obey(session: ImapSession, account: Account, selected: Selected, command: Search) -> Reply:
    if command.mentions_modseq:
        enable_condstore(session)
    saves = command.returns is not None and b"SAVE" in command.returns
    saved, session.saved_result = session.saved_result, NO_UIDS if saves else session.saved_result  # NO leaves it empty
    searcher = Searcher(session, selected, saved)
    positions = await searcher.find(command.key)
    await session.give_way()
    if saves and command.returns is not None:
        session.saved_result = _saved(command.returns, uids_at(selected.numbering, positions))
    modseq = None
    if command.mentions_modseq and positions:
        modseq = await searcher.greatest_modseq(_told(command.returns, positions))
    numbers = _numbers(selected, command.uid, positions)
    if command.returns is None:
        await session.tell(_search_line(numbers, modseq))
    elif command.returns != {b"SAVE"}:  # RFC 5182 §2.1: nothing else was asked for
        session.write(b'* ESEARCH (TAG "%b")' % session.tag)
        await session.tell(_results(command, numbers, modseq))
    return ok(b"SEARCH completed")


def _numbers(selected: Selected, uid: bool, positions: Sequence[int]) -> Sequence[int]:
    if uid:
        return uids_at(selected.numbering, positions)
    return array("I", map((1).__add__, positions))


def _search_line(numbers: Sequence[int], modseq: int | None) -> Iterator[bytes]:
    yield b"* SEARCH"
    for some in slices(numbers):
        yield b"".join([b" %d" % number for number in some])
    if modseq is not None:
        yield b" (MODSEQ %d)" % modseq
    yield b"\r\n"


def _results(command: Search, numbers: Sequence[int], modseq: int | None) -> Iterator[bytes]:
    returns = command.returns or frozenset()
    if command.uid:
        yield b" UID"
    if numbers and b"MIN" in returns:
        yield b" MIN %d" % numbers[0]
    if numbers and b"MAX" in returns:
        yield b" MAX %d" % numbers[-1]
    if b"COUNT" in returns:
        yield b" COUNT %d" % len(numbers)
    if numbers and b"ALL" in returns:
        yield b" ALL "
        yield from set_pieces(numbers)
    if modseq is not None:
        yield b" MODSEQ %d" % modseq
    yield b"\r\n"


def _told(returns: frozenset[bytes] | None, positions: Sequence[int]) -> Sequence[int]:
    """The messages of the reply: the greatest modseq of these goes into it (RFC 7162 §3.1.10)."""
    if returns is None or returns & {b"ALL", b"COUNT"} or not returns & {b"MIN", b"MAX"}:
        return positions
    return [positions[at] for name, at in ((b"MIN", 0), (b"MAX", -1)) if name in returns]


def _saved(returns: frozenset[bytes], uids: array[int]) -> array[int]:
    """RFC 5182 §2.1: with MIN and MAX alone, only those are saved."""
    if not uids or returns & {b"ALL", b"COUNT"} or not returns & {b"MIN", b"MAX"}:
        return uids
    chosen = {uids[at] for name, at in ((b"MIN", 0), (b"MAX", -1)) if name in returns}
    return array("I", sorted(chosen))
