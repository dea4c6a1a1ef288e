"""THREAD (RFC 5256 §3): the messages that a search finds, as threads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.mail_access.imap.commands.sort import MOST_SORTED, TOO_MANY
from services.mail_access.imap.pieces import Pieces
from services.mail_access.imap.response import Reply, ok
from services.mail_access.imap.searching.headers import read_headers
from services.mail_access.imap.searching.searcher import Searcher
from services.mail_access.imap.selected import Selected
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.values.commands import Thread
from services.mail_access.imap.values.sorting import ThreadAlgorithm
from shared.accounts.account import Account
from shared.messages.thread_header import ThreadHeader, read_thread_header
from shared.messages.threads import Threaded, ThreadNode, by_references, by_subject, render_threads


async def obey(session: ImapSession, account: Account, selected: Selected, command: Thread) -> Reply:
    found = await Searcher(session, selected, session.saved_result).find(command.key)
    if len(found) > MOST_SORTED:
        return TOO_MANY
    numbering = selected.numbering
    cache = session.parts.message_cache
    facts = await read_headers(cache, [numbering.message_ids[at] for at in found], _facts, session.give_way)

    def find_threads() -> list[ThreadNode]:
        messages: list[Threaded] = []
        for at in found:
            fact = facts.get(numbering.message_ids[at])
            if fact is not None:  # else it is purged
                header, sent = fact
                messages.append(Threaded(numbering.uids[at] if command.uid else at + 1, sent, header))
        return by_references(messages) if command.algorithm is ThreadAlgorithm.REFERENCES else by_subject(messages)

    threads = await cache.aside(find_threads)
    await session.tell(_thread_line(threads))
    return ok(b"THREAD completed")


def _facts(header: bytes, pieces: Pieces) -> tuple[ThreadHeader, float]:
    read = read_thread_header(header)
    return read, (read.sent_at or pieces.received_at).timestamp()


def _thread_line(threads: Sequence[ThreadNode]) -> Iterator[bytes]:
    yield b"* THREAD"
    if threads:
        yield b" "
    yield from render_threads(threads)
    yield b"\r\n"
