"""One client's IMAP session: its states, and the order in which it reads commands and answers them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping

from services.mail_access.imap.append_log import record_append
from services.mail_access.imap.capabilities import ConnectionState, capability_words
from services.mail_access.imap.grammar.bad_syntax import BadSyntax, ImpossibleName, UnsupportedCharset
from services.mail_access.imap.grammar.command import parse_command
from services.mail_access.imap.parts import ImapParts
from services.mail_access.imap.reading import STRANGER, CommandBounds, Farewell, RawCommand, member, read_command
from services.mail_access.imap.replies import ENDINGS, SHUT_OUT, UNEXPECTED, reply_to, reply_to_fault
from services.mail_access.imap.response import Refused, Reply
from services.mail_access.imap.rule import Rule
from services.mail_access.imap.selected import Selected
from services.mail_access.imap.unanswered import Unanswered
from services.mail_access.imap.values.commands import Command
from services.mail_access.imap.values.sequence_set import NO_UIDS
from shared.accounts.account import Account
from shared.activity.metrics import QUOTA_REFUSALS
from shared.conversation.conversation import Conversation
from shared.conversation.errors import LineTooLong
from shared.conversation.reading import WOKEN
from shared.errors import DomainError
from shared.folders.errors import QuotaExceeded
from shared.give_way import Turns

MOST_BAD_COMMANDS = 20  # one after the other: the client does not speak IMAP


class ImapSession(Conversation):
    """Reads, obeys and answers one command after the other, but for those whose replies come later (unanswered.py)."""

    __slots__ = (
        "_rules", "account", "after_reply", "bad_commands", "bounds", "compressed", "condstore", "fresh",
        "heard_early", "idling", "leaving", "parts", "saved_result", "selected", "sign_in_failures", "tag",
        "turns", "unanswered",
    )  # fmt: skip

    endings = ENDINGS
    shut_out_words = SHUT_OUT

    def __init__(self, parts: ImapParts, rules: Mapping[type[Command], Rule[ImapSession]]) -> None:
        super().__init__()
        self.parts = parts
        self._rules = rules
        self.account: Account | None = None
        self.selected: Selected | None = None
        self.bounds: CommandBounds = STRANGER
        self.condstore = False  # RFC 7162 §3.1: the client knows what MODSEQ is
        self.compressed = False
        self.saved_result = NO_UIDS  # UIDs that `$` stands for (RFC 5182)
        self.unanswered: Unanswered | None = None  # commands whose replies come later, if there ever were some
        self.after_reply: Callable[[], Awaitable[None]] | None = None  # STARTTLS and COMPRESS begin behind their OK
        self.idling = False
        self.heard_early = False  # there was news of a mailbox while it was being opened
        self.fresh = False  # the mailbox was looked at since the client last had to be waited for
        self.leaving = False
        self.tag = b""  # of the command in hand, which ESEARCH repeats
        self.bad_commands = 0
        self.sign_in_failures = 0
        self.turns: Turns | None = None  # of the command in hand

    # -- the conversation ----------------------------------------------------------------------------------------

    async def converse(self) -> None:
        self.write(b"* OK [CAPABILITY %b] Agora IMAP ready\r\n" % capability_words(self.connection_state()))
        try:
            while not self.leaving:
                line = await self._next_line()
                if line is None:
                    break
                await self._take(line)
        except Farewell as farewell:
            self.write(farewell.line)
        finally:
            if self.unanswered is not None:
                await self.unanswered.answer_all()

    async def _next_line(self) -> bytes | LineTooLong | None:
        """The first line of the next command; meanwhile, late replies are given."""
        while True:
            if not self.has_buffered_line():
                self.fresh = False
            try:
                if self.unanswered is None or not self.unanswered.under_way:
                    return await self.read_line()
                line = await self.read_line_or_wake()
            except LineTooLong as too_long:
                return too_long  # read_command knows its tag
            if line is not WOKEN:
                return line
            await self.unanswered.answer_finished()

    async def _take(self, line: bytes | LineTooLong) -> None:
        try:
            raw = await read_command(self, line, self.bounds)
        except BadSyntax as fault:
            if self.unanswered is not None:
                await self.unanswered.answer_all()
            self.write(b"* BAD %b\r\n" % fault.text.encode("ascii"))
            self._count_bad()
            return
        self.tag = raw.tag
        reply = await self._reply_to(raw)
        if reply is None:
            return
        if self.unanswered is not None:
            await self.unanswered.answer_all()
        self.write(reply.render(raw.tag))
        if reply.condition == b"BAD":
            self._count_bad()
        else:
            self.bad_commands = 0
        if self.after_reply is not None:
            after_reply, self.after_reply = self.after_reply, None
            await after_reply()

    def _count_bad(self) -> None:
        """Raises Farewell when there were too many in a row."""
        self.bad_commands += 1
        if self.bad_commands >= MOST_BAD_COMMANDS:
            raise Farewell(b"* BYE too many bad commands\r\n")

    async def _reply_to(self, raw: RawCommand) -> Reply | None:
        """Obey; None if the reply comes later."""
        if raw.refusal is not None:
            if raw.lost_message:
                record_append(self, "", 0, raw.refusal, self.clock.seconds())
            return raw.refusal
        try:
            command = parse_command(raw.text, raw.literals, raw.name_at)
        except (BadSyntax, UnsupportedCharset, ImpossibleName) as fault:
            raw.close()
            return reply_to_fault(fault)
        rule = self._rules[type(command)]
        if self.unanswered is not None and not rule.overlaps:
            await self.unanswered.answer_all()
        reply = await self._obey(command, rule)
        if reply is not None and raw.literals:  # the message of an APPEND that was refused, or met a bug
            raw.close()
        return reply

    async def _obey(self, command: Command, rule: Rule[ImapSession]) -> Reply | None:
        self.turns = None
        try:
            obey = rule.bind(self)
            if self.selected is not None:
                await rule.updates(self, self.selected)
            reply = await obey(command)
            if self.selected is not None and rule.may_expunge(command):
                await self.tell(self.selected.expunge())
            return reply
        except Refused as refused:
            return refused.reply
        except BadSyntax as fault:  # a message number that the mailbox does not have
            return reply_to_fault(fault)
        except DomainError as error:
            if isinstance(error, QuotaExceeded):
                QUOTA_REFUSALS.add((self.door_name,))
            return reply_to(error)
        except Farewell:
            raise
        except Exception:
            self.log.failure("{command} failed", command=type(command).__name__)
            return UNEXPECTED

    # -- long work -----------------------------------------------------------------------------------------------

    async def give_way(self) -> None:
        """Give way to other work if this command's turn is over, and wait until the client takes what was written.

        The selected mailbox does not change meanwhile: only this coroutine changes `selected`; an event from elsewhere
        is only noted (`heard`).
        """
        if self.turns is None:
            self.turns = Turns(self.clock, self.parts.turn_seconds)
        elif self.turns.is_over:
            await self.turns.give_way()
            await self.drain()

    async def tell(self, pieces: Iterable[bytes]) -> None:
        """Write the pieces of a long reply as the client takes them, each made when the one before is written."""
        for piece in pieces:
            if piece:
                self.write(piece)
                await self.drain()
            await self.give_way()

    # -- states --------------------------------------------------------------------------------------------------

    def connection_state(self) -> ConnectionState:
        return ConnectionState(
            signed_in=self.account is not None,
            may_start_tls=self.tls is None and self.parts.certificates is not None,
            may_sign_in=self.may_sign_in,
            compressed=self.compressed,
        )

    def sign_in(self, account: Account) -> bool:
        """From now on this is `account`'s session; false if it has too many already."""
        if not self.parts.sessions.admit(account.id, self):
            return False
        self.account = account
        self.limits = self.parts.member_limits
        self.bounds = member(self.parts.settings.message_octets)
        return True

    def leave_mailbox(self) -> None:
        """Forget the selected mailbox."""
        if self.selected is not None:
            self.selected.leave()
            self.selected = None
        self.saved_result = NO_UIDS

    # -- news ----------------------------------------------------------------------------------------------------

    def heard(self, modseq: int | None) -> None:
        """The bus: the selected folder is now at `modseq`, or (None) something may have been missed."""
        selected = self.selected
        if selected is None:
            self.heard_early = True
            return
        if selected.hear(modseq) and self.idling:
            self.wake()

    def account_name(self) -> str:
        return "" if self.account is None else self.account.name

    def stage(self) -> str:
        """The state of RFC 9051 §3."""
        if self.account is None:
            return "not signed in"
        return ("signed in" if self.selected is None else "selected") + (", idle" if self.idling else "")

    # -- the end -------------------------------------------------------------------------------------------------

    def finished(self) -> None:
        self.leave_mailbox()
        if self.account is not None:
            self.parts.sessions.leave(self.account.id, self)
