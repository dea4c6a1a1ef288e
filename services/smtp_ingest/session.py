"""The state of one SMTP, submission or LMTP conversation, and how its replies are given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from services.smtp_ingest import replies
from services.smtp_ingest.parts import SmtpParts
from services.smtp_ingest.replies import Reply, reply_to
from services.smtp_ingest.transaction import MailTransaction
from services.smtp_ingest.transaction_log import record_transaction
from shared.accounts.account import Account
from shared.activity.events import ABANDONED
from shared.conversation.verbs import VerbConversation
from shared.messages.trace import Client
from shared.trust.strangers import Strangers

# Without a limit one connection begins 20,000 a second. Programs that ask whether addresses exist begin a few;
# Postfix's smtpd_junk_command_limit is the same.
MOST_ABANDONED = 100

Command = Callable[["SmtpSession", bytes], Awaitable[None]]


class SmtpSession(VerbConversation):
    """The state of RFC 5321 §3: a greeting, perhaps an account, perhaps a transaction under way."""

    endings = replies.ENDINGS
    unknown_verb = replies.UNKNOWN_COMMAND.line
    too_many_errors = replies.TOO_MANY_ERRORS.line

    def __init__(self, parts: SmtpParts, commands: Mapping[bytes, Command]) -> None:
        super().__init__(commands, parts.errors)
        self.parts = parts
        self.greeting: str | None = None  # the name in HELO, EHLO or LHLO
        self.extended = False  # it was EHLO or LHLO
        self.account: Account | None = None
        self.transaction: MailTransaction | None = None
        self._is_stranger: bool | None = None  # None until it is asked
        self._client: Client | None = None
        self._client_facts: object = None
        self._abandoned = 0  # transactions that came to no message, since the last that did

    def welcome(self) -> bytes:
        """The greeting, which names the protocol."""
        kind = "LMTP" if self.parts.policy.lmtp else "ESMTP"
        return f"220 {self.parts.hostname} {kind} Agora\r\n".encode()

    def say_error(self, error: Exception) -> None:
        """Answer an error; once for each recipient if it is the answer to a message by LMTP."""
        self.refuse(reply_to(error))

    def obeyed(self, succeeded: bool) -> None:
        """The answer to a message ends its transaction."""
        if self.transaction is not None and self.transaction.awaits_replies:
            self.end_transaction()

    def say(self, reply: Reply) -> None:
        """Answer with one line. The client that is refused too often, with no message taken between, is let go."""
        self.write(reply.line)
        if reply.code >= 500:
            self.errors += 1

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
            recipient.reply = recipient.refusal or reply
        for each in waiting if self.parts.policy.lmtp else waiting[:1]:
            self.say(each.refusal or reply)

    @property
    def mends_line_feeds(self) -> bool:
        """Whether an LF alone in a message is made CR LF, as Postfix does; else the message is refused."""
        return self.parts.policy.submission and self.account is not None

    def message_taken(self) -> None:
        """A message was accepted: the client's errors before it no longer count.

        A relay uses one connection for hours.
        """
        self.errors = self._abandoned = 0

    def account_name(self) -> str:
        """The name of the account that has signed in."""
        return "" if self.account is None else self.account.name

    @property
    def strangers(self) -> Strangers | None:
        """The checks of what this client brings while it has not signed in; None for one of our own networks."""
        strangers = self.parts.strangers if self.parts.policy.checks else None
        if strangers is None:
            return None
        if self._is_stranger is None:
            self._is_stranger = strangers.concern(self.peer.host)
        return strangers if self._is_stranger else None

    def client(self) -> Client:
        """The client as Received names it (RFC 3848 has the protocol's names)."""
        facts = self.greeting, self.extended, self.tls, self.account
        if self._client is None or facts != self._client_facts:
            self._client, self._client_facts = self._told_client(), facts
        return self._client

    def _told_client(self) -> Client:
        base = "LMTP" if self.parts.policy.lmtp else "ESMTP" if self.extended else "SMTP"
        protocol = base + ("S" if self.tls else "") + ("A" if self.account else "")
        tls = f"{self.tls.version} {self.tls.cipher}" if self.tls else ""
        return Client(self.greeting or "", self.peer.host, protocol, tls)

    def end_transaction(self) -> None:
        """The one place where a transaction ends: answered, reset, or left by its client.

        Its outcome stands in it then: queue id and octets once a message came, each recipient with its reply.
        """
        if self.transaction is not None:
            if record_transaction(self, self.transaction) is ABANDONED:
                self._abandoned += 1
                if self._abandoned > MOST_ABANDONED:
                    self.errors += 1
            self.transaction.end()
            self.transaction = None

    def finished(self) -> None:
        """The connection is gone: give back what a transaction held."""
        self.end_transaction()
