"""The run of one command: parsed, written into the audit, run in a thread, its exit status written down."""

from __future__ import annotations

import io
import shlex
from collections.abc import Callable, Sequence
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any

import click
from twisted.internet.defer import Deferred, DeferredSemaphore
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.python.threadpool import ThreadPool

from services.ssh_admin.access import find, tree_of
from services.ssh_admin.replies import FAILED, INTERRUPTED, TRY_AGAIN, UNEXPECTED, USAGE, reply_to
from services.ssh_admin.store_in_thread import StoreInThread
from services.ssh_admin.words import NOT_AUDITED, WORDS, WordAnswer, no_such, say
from shared.accounts.account import Account, Role
from shared.accounts.errors import AccountNotFound
from shared.activity.record import record
from shared.administration import audit
from shared.administration.errors import AccountShutOut
from shared.command_line.terminal.surroundings import CURRENT, Surroundings
from shared.database.database import Database
from shared.errors import DomainError
from shared.runtime.settings import ServiceSettings

MOST_AT_ONCE = 4  # commands of one account: the threads are for all
THREADS = 20
LONGEST_LINE = 32_768  # characters
UNKNOWN = "(no such command)"  # what was typed may be a password that somebody meant for elsewhere
# What gives lasting access: an app password, which can be taken back, makes none of it. A backup holds what
# all passwords are checked against.
LASTING = (
    ["user", "add"], ["user", "import"], ["user", "set-password"], ["user", "app-password", "add"],
    ["user", "ssh-key", "add"], ["user", "forward", "add"], ["user", "forward", "copy"], ["backup"],
)  # fmt: skip
OWN_PASSWORD_WANTED = WordAnswer(
    "for this sign in with your own password or a key: you have signed in with an app password\n", FAILED, error=True
)
_log = Logger()


@dataclass(slots=True)
class CommandStreams:
    """The streams of one command, and what else its client's end offers. `interrupt` ends the command soon."""

    stdin: io.TextIOBase
    stdout: io.TextIOBase
    stderr: io.TextIOBase
    styled: io.TextIOBase
    is_terminal: bool
    columns: int
    ask_hidden: Callable[[str], str]
    say: Callable[[WordAnswer], None]
    by_app_password: bool = False  # its client has signed in with one
    interrupts: list[Callable[[], None]] = field(default_factory=list)
    is_interrupted: bool = False

    def interrupt(self) -> None:
        """Ctrl-C."""
        self.is_interrupted = True
        for each in self.interrupts:
            each()

    def on_interrupt(self, call: Callable[[], None]) -> None:
        """Have `call` called for Ctrl-C, also if that was pressed already."""
        self.interrupts.append(call)
        if self.is_interrupted:
            call()


class Commands:
    """Runs the commands of everybody who is signed in."""

    def __init__(self, reactor: Any, settings: ServiceSettings, database: Database, door: str) -> None:
        self._reactor = reactor
        self._settings = settings
        self._database = database
        self._door = door
        self._pool = ThreadPool(0, THREADS, "commands")
        self._under_way: dict[int, DeferredSemaphore] = {}
        reactor.callWhenRunning(self._pool.start)

    async def close(self) -> None:
        """No command runs any more."""
        if self._pool.started:
            self._pool.stop()

    async def run(self, line: str, account: Account, peer: str, streams: CommandStreams) -> int:
        """The exit status of `line`, which has written what it has to say. Raises AccountShutOut."""
        try:
            words = shlex.split(line[: LONGEST_LINE + 1])
        except ValueError as error:
            streams.say(WordAnswer(f"{str(error)[:1].lower()}{str(error)[1:]}\n", USAGE, error=True))
            return USAGE
        if len(line) > LONGEST_LINE:
            streams.say(WordAnswer("the line is too long\n", USAGE, error=True))
            return USAGE
        if not words:
            return 0
        if words[0] in NOT_AUDITED:
            return self._answer(say(words, account, tree_of(account)), streams)
        return await self._audited(words, account, peer, streams)

    async def _audited(self, words: Sequence[str], account: Account, peer: str, streams: CommandStreams) -> int:
        known = words[0] in WORDS or find(tree_of(account), words) is not None
        typed = shlex.join(words) if known else UNKNOWN
        try:
            begun = await self._database.transact(audit.begin, account.id, self._door, peer, typed)
        except AccountNotFound:
            raise AccountShutOut(account.name) from None
        except AccountShutOut:
            raise
        except DomainError as error:
            reply = reply_to(error)
            return self._answer(WordAnswer(f"{reply.sentence}\n", reply.status, error=True), streams)
        status = FAILED
        try:
            status = await self._run(words, begun.account, streams)
        finally:
            await self._note_end(begun.number, status)
        return status

    async def _run(self, words: Sequence[str], account: Account, streams: CommandStreams) -> int:
        tree = tree_of(account)  # of the role that it has now
        if words[0] in WORDS:
            return self._answer(say(words, account, tree), streams)
        if find(tree, words) is None:
            return self._answer(no_such(words[0]), streams)
        if streams.by_app_password and any(words[: len(each)] == each for each in LASTING):
            return self._answer(OWN_PASSWORD_WANTED, streams)
        turns = self._under_way.setdefault(account.id, DeferredSemaphore(MOST_AT_ONCE))
        await turns.acquire()
        try:
            return await self._run_in_thread(words, tree, account, streams)
        finally:
            turns.release()
            if turns.tokens == turns.limit and not turns.waiting:
                self._under_way.pop(account.id, None)

    def _run_in_thread(
        self, words: Sequence[str], tree: click.Group, account: Account, streams: CommandStreams
    ) -> Deferred[int]:
        call = self._reactor.callFromThread
        store = StoreInThread(self._database, call)
        streams.interrupts.append(store.interrupt)
        around = Surroundings(
            settings=self._settings,
            store=store,
            user=account.name,
            is_admin=account.role is Role.ADMIN,
            door=self._door,
            stdin=streams.stdin,
            stdout=streams.stdout,
            stderr=streams.stderr,
            styled=streams.styled,
            is_terminal=streams.is_terminal,
            columns=streams.columns,
            ask_hidden=streams.ask_hidden,
            record=lambda event: call(record, event),
            reactor=self._reactor,
            on_interrupt=streams.on_interrupt,
        )
        context = copy_context()
        context.run(CURRENT.set, around)
        outcome: Deferred[int] = deferToThreadPool(self._reactor, self._pool, context.run, _run_click, tree, words)
        return outcome

    async def _note_end(self, number: int, status: int) -> None:
        try:
            await self._database.transact(audit.end, number, status)
        except DomainError as error:
            _log.warn("the end of command {number} is not in the audit: {reason}", number=number, reason=repr(error))

    def _answer(self, said: WordAnswer, streams: CommandStreams) -> int:
        streams.say(said)
        return said.status


def _run_click(tree: click.Group, words: Sequence[str]) -> int:
    """Runs in a thread, within the surroundings of its command."""
    try:
        ended = tree.main(list(words), prog_name="", standalone_mode=False)
        return ended if isinstance(ended, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return INTERRUPTED
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else (0 if end.code is None else FAILED)
    except DomainError as error:
        return _complain(reply_to(error).sentence, TRY_AGAIN if error.temporary else FAILED)
    except UnicodeDecodeError:
        return _complain("the standard input is not UTF-8", USAGE)
    except OSError as error:
        return _complain(error.strerror or str(error), FAILED)
    except Exception:
        _log.failure("a command failed: {command}", command=words[0])
        return _complain(UNEXPECTED.sentence, UNEXPECTED.status)


def _complain(sentence: str, status: int) -> int:
    try:
        click.echo(sentence, err=True)
    except SystemExit as end:  # nobody reads it
        return end.code if isinstance(end.code, int) else FAILED
    return status
