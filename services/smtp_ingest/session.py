"""One SMTP, submission or LMTP conversation: reads a command, obeys it, answers, in order."""

from __future__ import annotations

from services.smtp_ingest import replies
from services.smtp_ingest.door import SmtpDoor
from services.smtp_ingest.replies import Reply, reply_to
from services.smtp_ingest.trace import Client
from services.smtp_ingest.transaction import Transaction
from services.smtp_ingest.transaction_log import record_transaction
from services.smtp_ingest.vocabulary import COMMANDS, HTTP_METHODS
from shared.accounts.account import Account
from shared.activity.events import Outcome
from shared.activity.refusal_lines import RefusalLines
from shared.conversation.conversation import Conversation
from shared.conversation.ending import Ending
from shared.conversation.errors import LineTooLong
from shared.errors import DomainError

# Without a limit one connection begins 20,000 a second. Programs that ask whether addresses exist begin a few;
# Postfix's smtpd_junk_command_limit is the same.
MOST_ABANDONED = 100

_FAREWELLS = {
    Ending.IDLE: replies.IDLE_TOO_LONG,
    Ending.SHUTDOWN: replies.SHUTTING_DOWN,
    Ending.LINE_TOO_LONG: replies.LINE_TOO_LONG,
    Ending.INTERNAL_ERROR: replies.BROKEN,
    Ending.TOO_MANY: replies.TOO_MANY_CONNECTIONS,
}


class SmtpSession(Conversation):
    """The state of RFC 5321 §3: a greeting, perhaps an account, perhaps a transaction under way."""

    def __init__(self, door: SmtpDoor) -> None:
        super().__init__()
        self.door = door
        self.greeting: str | None = None  # the name in HELO, EHLO or LHLO
        self.extended = False  # it was EHLO or LHLO
        self.account: Account | None = None
        self.transaction: Transaction | None = None
        self.over = False
        self.in_the_middle = False  # of what belongs to a command: what comes next from the client is no command
        self.refusals = RefusalLines()
        self._client: Client | None = None
        self._client_facts: object = None
        self._errors = 0
        self._abandoned = 0  # transactions that came to no message, since the last that did

    async def converse(self) -> None:
        """Greet, then obey until the client leaves, is told to, or has erred too often."""
        kind = "LMTP" if self.door.policy.lmtp else "ESMTP"
        self.write(f"220 {self.door.hostname} {kind} Agora\r\n".encode())
        while not self.over:
            try:
                line = await self.read_line()
            except LineTooLong:
                self.say(replies.LINE_TOO_LONG)
                continue
            if line is None:
                return
            await self._obey(line)
            if self._errors >= self.door.errors and not self.over:  # behind all the replies of a command by LMTP
                self.over = True
                self.write(replies.TOO_MANY_ERRORS.wire())

    async def _obey(self, line: bytes) -> None:
        """Run a command. A fact of the domain, or a bug of ours, is its answer, and the next command is read.

        Only in the middle of a command's own octets the connection has to end: nobody knows where the next one begins.
        """
        verb, _, argument = line.partition(b" ")
        command = COMMANDS.get(verb.upper())
        if command is None:
            self.over = verb.upper() in HTTP_METHODS
            self.say(replies.NOT_HTTP if self.over else replies.UNKNOWN_COMMAND)
            return
        try:
            await command(self, argument)
        except DomainError as error:
            self.refuse(reply_to(error))
        except Exception:
            if self.in_the_middle:
                raise  # becomes 421 (RFC 5321 §3.8)
            self.log.failure("{verb} failed", verb=verb.upper().decode())
            self.refuse(replies.UNEXPECTED)
        self.in_the_middle = False
        if self.transaction is not None and self.transaction.awaits_replies:
            self.end_transaction()

    def say(self, reply: Reply) -> None:
        """Answer with one line. The client that is refused too often, with no message taken between, is let go."""
        self.write(reply.wire())
        if reply.code >= 500:
            self._errors += 1

    def refuse(self, reply: Reply) -> None:
        """Answer the command in hand, with all the lines that are due if it brought the message."""
        if self.transaction is not None and self.transaction.awaits_replies:
            self.answer_for_message(reply)
        else:
            self.say(reply)

    def answer_for_message(self, reply: Reply) -> None:
        """Say what becomes of the message: once, or by LMTP for each recipient without a reply (RFC 2033 §4.2)."""
        assert self.transaction is not None
        waiting = [recipient for recipient in self.transaction.recipients if recipient.reply is None]
        for recipient in waiting:
            recipient.reply = reply
        for _ in waiting if self.door.policy.lmtp else waiting[:1]:
            self.say(reply)

    @property
    def mends_line_feeds(self) -> bool:
        """Whether an LF alone in a message is made CR LF, as Postfix does; else the message is refused."""
        return self.door.policy.submission and self.account is not None

    def message_taken(self) -> None:
        """Whoever brings mail that is wanted may err again: a relay uses one connection for hours."""
        self._errors = self._abandoned = 0

    def account_name(self) -> str:
        """Who has signed in."""
        return "" if self.account is None else self.account.name

    def unlogged(self) -> int:
        """How many transactions that came to no message have no line of their own."""
        return self.refusals.unlogged

    def client(self) -> Client:
        """Who this is, for Received (RFC 3848's protocol names)."""
        facts = self.greeting, self.extended, self.tls, self.account
        if self._client is None or facts != self._client_facts:
            self._client, self._client_facts = self._told_client(), facts
        return self._client

    def _told_client(self) -> Client:
        base = "LMTP" if self.door.policy.lmtp else "ESMTP" if self.extended else "SMTP"
        protocol = base + ("S" if self.tls else "") + ("A" if self.account else "")
        return Client(self.greeting or "", self.peer.host, protocol, self.tls)

    def end_transaction(self) -> None:
        """The one place where a transaction ends: answered, reset, or left by its client.

        Its outcome stands in it then: queue id and octets once a message came, each recipient with its reply.
        """
        if self.transaction is not None:
            if record_transaction(self, self.transaction) is Outcome.ABANDONED:
                self._abandoned += 1
                if self._abandoned > MOST_ABANDONED:
                    self._errors += 1
            self.transaction.end()
            self.transaction = None

    def farewell(self, ending: Ending) -> bytes:
        """The last words when the connection ends for a reason of ours."""
        reply = _FAREWELLS.get(ending)
        return reply.wire() if reply else b""

    def finished(self) -> None:
        """The connection is gone: give back what a transaction held."""
        self.end_transaction()
