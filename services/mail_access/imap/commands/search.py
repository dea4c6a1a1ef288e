"""SEARCH (RFC 3501 §6.4.4), ESEARCH (RFC 4731), SEARCHRES (RFC 5182), MODSEQ (RFC 7162 §3.1.5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from services.mail_access.imap.choosing import selected_in
from services.mail_access.imap.commands.enable import enable_condstore
from services.mail_access.imap.response import Reply, ok
from services.mail_access.imap.searching.searcher import Searcher
from services.mail_access.imap.selected import uids_at
from services.mail_access.imap.values.commands import Search
from services.mail_access.imap.values.sequence_set import render_set

if TYPE_CHECKING:
    from services.mail_access.imap.session import ImapSession


async def obey(session: ImapSession, command: Search) -> Reply:
    selected = selected_in(session)
    if command.mentions_modseq:
        enable_condstore(session)
    saves = command.returns is not None and b"SAVE" in command.returns
    saved, session.saved_result = session.saved_result, () if saves else session.saved_result  # NO leaves it empty
    searcher = Searcher(session.backing, selected, saved)
    positions = await searcher.find(command.key)
    numbers = uids_at(selected.numbering, positions) if command.uid else [at + 1 for at in positions]
    if saves:
        assert command.returns is not None
        session.saved_result = _saved(command.returns, uids_at(selected.numbering, positions))
    modseq = None
    if command.mentions_modseq and positions:
        modseq = await searcher.greatest_modseq(_told(command.returns, positions))
    if command.returns is None:
        session.write(_search_line(numbers, modseq))
    elif command.returns != {b"SAVE"}:  # RFC 5182 §2.1: nothing else was asked for
        session.write(b'* ESEARCH (TAG "%b")%b\r\n' % (session.tag, _results(command, numbers, modseq)))
    return ok(b"SEARCH completed")


def _search_line(numbers: Sequence[int], modseq: int | None) -> bytes:
    words = [b"* SEARCH", *(b"%d" % number for number in numbers)]
    if modseq is not None:
        words.append(b"(MODSEQ %d)" % modseq)
    return b" ".join(words) + b"\r\n"


def _results(command: Search, numbers: Sequence[int], modseq: int | None) -> bytes:
    returns = command.returns or frozenset()
    words = [b" UID"] if command.uid else []
    if numbers and b"MIN" in returns:
        words.append(b" MIN %d" % numbers[0])
    if numbers and b"MAX" in returns:
        words.append(b" MAX %d" % numbers[-1])
    if b"COUNT" in returns:
        words.append(b" COUNT %d" % len(numbers))
    if numbers and b"ALL" in returns:
        words.append(b" ALL " + render_set(numbers))
    if modseq is not None:
        words.append(b" MODSEQ %d" % modseq)
    return b"".join(words)


def _told(returns: frozenset[bytes] | None, positions: Sequence[int]) -> Sequence[int]:
    """The messages whose greatest modseq is told: those in the reply (RFC 7162 §3.1.10)."""
    if returns is None or returns & {b"ALL", b"COUNT"} or not returns & {b"MIN", b"MAX"}:
        return positions
    return [positions[at] for name, at in ((b"MIN", 0), (b"MAX", -1)) if name in returns]


def _saved(returns: frozenset[bytes], uids: Sequence[int]) -> Sequence[int]:
    """RFC 5182 §2.1: with MIN and MAX alone, only those are saved."""
    if not uids or returns & {b"ALL", b"COUNT"} or not returns & {b"MIN", b"MAX"}:
        return uids
    chosen = {uids[at] for name, at in ((b"MIN", 0), (b"MAX", -1)) if name in returns}
    return sorted(chosen)
