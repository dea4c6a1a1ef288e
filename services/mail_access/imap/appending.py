"""APPENDs that overlap: a client that sends several without waiting has them committed together.

They are answered in the order they came, each after the commit that holds it; any other command waits for all of them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred

from services.mail_access.imap.append_log import record_append
from services.mail_access.imap.looking import look
from services.mail_access.imap.preparing import prepare, with_proper_lines
from services.mail_access.imap.reading import Farewell
from services.mail_access.imap.replies import UNEXPECTED, reply_about_target
from services.mail_access.imap.response import Reply, ok
from services.mail_access.imap.values.commands import Append as AppendCommand
from services.mail_access.imap.values.flags import Flags
from shared.conversation.spool import Spool
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.folders.append import Append, Appended, Place, Target, append_entries
from shared.folders.errors import BadFolderName
from shared.folders.find import find_folders
from shared.folders.message import NewMessage

if TYPE_CHECKING:
    from services.mail_access.imap.session import ImapSession

MOST_UNDER_WAY = 32  # as many as clients are known to send; each holds up to 1 MiB of memory
MOST_OCTETS_UNDER_WAY = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class NamedAppend:
    """A message for the mailbox of that name, whichever folder has it when the transaction runs."""

    account_id: int
    mailbox: str
    flags: Flags
    message: NewMessage


def append_named(tx: Transaction, items: Sequence[NamedAppend]) -> Sequence[Appended | DomainError]:
    """Keep every item's message in its mailbox. What cannot be kept has its error in the item's place."""
    folders = find_folders(tx, {(item.account_id, item.mailbox) for item in items})
    results: list[Appended | DomainError] = []
    appends: list[Append] = []
    for item in items:
        folder = folders[item.account_id, item.mailbox]
        if isinstance(folder, DomainError):
            results.append(folder)
            continue
        appends.append(Append(item.message, [Target(folder.id, item.flags.mask, item.flags.keywords)]))
    appended = iter(append_entries(tx, appends) if appends else ())
    rest = iter(results)
    return [
        next(rest) if isinstance(folders[item.account_id, item.mailbox], DomainError) else next(appended)
        for item in items
    ]


def weigh(item: NamedAppend) -> int:
    """Octets for the gathering's limit; 1 KiB for what surrounds them."""
    return 1024 + len(item.message.octets)


@dataclass(slots=True)
class _UnderWay:
    tag: bytes
    mailbox: str
    octets: int
    began: float
    outcome: Appended | BaseException | None = None


class Appending:
    """One session's APPENDs that are not answered yet, oldest first."""

    __slots__ = ("_octets", "_waiting", "under_way")

    def __init__(self) -> None:
        self.under_way: deque[_UnderWay] = deque()
        self._octets = 0
        self._waiting: Deferred[None] | None = None

    async def begin(self, session: ImapSession, tag: bytes, command: AppendCommand) -> Reply | None:
        """Start to keep the message. A Reply if it is refused at once, with nothing before it unanswered."""
        began, octets = session.clock.seconds(), len(command.message)
        spool = await with_proper_lines(session, command)
        if isinstance(spool, Reply):
            record_append(session, command.mailbox, octets, spool, began)
            command.message.close()
            await self.answer_all(session)
            return spool
        octets = len(spool)
        try:
            await self._make_room(session, octets)
            message = await prepare(session, command, spool)  # before the next command is read: they keep their order
        except Exception:
            session.log.failure("APPEND failed")
            record_append(session, command.mailbox, octets, UNEXPECTED, began)
            spool.close()
            await self.answer_all(session)
            return UNEXPECTED
        except BaseException:  # the client has left: what is held counts in the intake until it is closed
            spool.close()
            raise
        entry = _UnderWay(tag, command.mailbox, octets, began)
        self.under_way.append(entry)
        self._octets += octets
        Deferred.fromCoroutine(self._keep(session, entry, command, spool, message))
        return None

    async def _make_room(self, session: ImapSession, octets: int) -> None:
        while self.under_way and (
            len(self.under_way) >= MOST_UNDER_WAY or self._octets + octets > MOST_OCTETS_UNDER_WAY
        ):
            await self._until_first_is_done()
            await self.answer_finished(session)

    async def _keep(
        self, session: ImapSession, entry: _UnderWay, command: AppendCommand, spool: Spool, message: NewMessage
    ) -> None:
        try:
            entry.outcome = await _append(session, command, message)
        except DomainError as error:
            entry.outcome = error
        except Exception as error:
            session.log.failure("APPEND failed")
            entry.outcome = error
        finally:
            spool.close()
        session.wake()
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            waiting.callback(None)

    async def _until_first_is_done(self) -> None:
        while self.under_way and self.under_way[0].outcome is None:
            self._waiting = Deferred()
            await self._waiting

    async def answer_all(self, session: ImapSession) -> None:
        """Wait for all of them, and answer."""
        while self.under_way:
            await self._until_first_is_done()
            await self.answer_finished(session)

    async def answer_finished(self, session: ImapSession) -> None:
        """Answer the oldest ones as far as they are done."""
        done: list[_UnderWay] = []
        while self.under_way and self.under_way[0].outcome is not None:
            done.append(self.under_way.popleft())
            self._octets -= done[-1].octets
        if done:
            await _tell_arrivals(session, done)
        for entry in done:
            reply = _reply(entry.outcome)
            session.write(reply.render(entry.tag))
            record_append(session, entry.mailbox, entry.octets, reply, entry.began, _uid(entry.outcome))


async def _append(session: ImapSession, command: AppendCommand, message: NewMessage) -> Appended:
    assert session.account is not None
    backing = session.backing
    backing.database.free_space.check()
    appended = await backing.appends.submit(NamedAppend(session.account.id, command.mailbox, command.flags, message))
    await backing.bus.announce(appended.events)
    return appended


async def _tell_arrivals(session: ImapSession, done: Sequence[_UnderWay]) -> None:
    """If messages came into the selected mailbox, tell before the OK (RFC 3501 §6.3.11 asks for it)."""
    selected = session.selected
    if selected is None:
        return
    if any(_place(entry.outcome, selected.folder_id) for entry in done):
        try:
            await look(session)
        except (DomainError, Farewell):
            return  # the message is kept, whatever the store says now: its OK must not become a failure
        await session.tell(selected.expunge())


def _uid(outcome: Appended | BaseException | None) -> int | None:
    place = outcome.places[0] if isinstance(outcome, Appended) else None
    return place.uid if isinstance(place, Place) else None


def _place(outcome: Appended | BaseException | None, folder_id: int) -> bool:
    return isinstance(outcome, Appended) and any(event.folder_id == folder_id for event in outcome.events)


def _reply(outcome: Appended | BaseException | None) -> Reply:
    if isinstance(outcome, Appended):
        place = outcome.places[0]
        assert isinstance(place, Place)
        return ok(b"APPEND completed", code=b"APPENDUID %d %d" % (place.uidvalidity, place.uid))
    if isinstance(outcome, BadFolderName):  # no such mailbox, and creating it would not help
        return reply_about_target(outcome)
    return reply_about_target(outcome) if isinstance(outcome, DomainError) else UNEXPECTED
