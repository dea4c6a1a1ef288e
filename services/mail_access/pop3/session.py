"""One POP3 conversation: sign in, read the maildrop, and leave with the changes committed."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping

from services.mail_access.pop3 import replies
from services.mail_access.pop3.maildrop import Maildrop
from services.mail_access.pop3.parts import Pop3Parts
from services.mail_access.pop3.read_ahead import ReadAhead
from shared.accounts.errors import SignInFailed
from shared.conversation.errors import LineTooLong
from shared.conversation.verbs import Command, VerbConversation
from shared.mail.maildrop_lease import release_maildrop
from shared.runtime.spawn import spawn

StrangersCommand = Callable[["Pop3Session", bytes], Awaitable[None]]
TransactionCommand = Callable[["Pop3Session", Maildrop, bytes], Awaitable[None]]


class Pop3Session(VerbConversation):
    """RFC 1939's states: AUTHORIZATION while `maildrop` is None, then TRANSACTION; QUIT is UPDATE."""

    endings = replies.ENDINGS
    shut_out_words = replies.SHUT_OUT
    error_replies = replies.REPLIES
    unexpected = replies.UNEXPECTED
    too_many_errors = replies.TOO_MANY_ERRORS

    def __init__(
        self,
        parts: Pop3Parts,
        authorization: Mapping[bytes, StrangersCommand],
        transaction: Mapping[bytes, TransactionCommand],
    ) -> None:
        """The two maps are the commands of those states."""
        super().__init__(authorization, parts.errors)
        self.parts = parts
        self.name: str | None = None  # what USER said
        self.signed_in_as = ""
        self.banner = ""  # the timestamp of RFC 1939 §7; empty while APOP is not offered
        self.maildrop: Maildrop | None = None
        self.read_ahead = ReadAhead(parts.bodies)
        self._transaction = transaction

    def welcome(self) -> bytes:
        """With a timestamp while APOP is offered."""
        if self.parts.apop.stands:
            self.banner = f"<{secrets.token_hex(8)}.{int(self.parts.now().timestamp())}@{self.parts.hostname}>"
        return b" ".join(filter(None, [b"+OK Agora POP3 ready", self.banner.encode()])) + b"\r\n"

    def command(self, verb: bytes) -> Command | None:
        """That of the state."""
        maildrop = self.maildrop
        if maildrop is None:
            return super().command(verb)
        command = self._transaction.get(verb)
        return None if command is None else lambda session, argument: command(session, maildrop, argument)

    def say_unknown(self, verb: bytes) -> None:
        """Refuse an unknown verb; a verb of the other state is said to be not allowed now."""
        known = verb in self._commands or verb in self._transaction
        self.refuse(replies.NOT_NOW if known else replies.UNKNOWN_COMMAND)

    def say_error(self, error: Exception) -> None:
        """A refusal such as that of a message that is gone is no mistake of the client's, and does not count."""
        super().say_error(error)
        if isinstance(error, (SignInFailed, LineTooLong)):
            self.errors += 1

    def obeyed(self, succeeded: bool) -> None:
        """After sign-in, only errors in a row count."""
        if succeeded and self.maildrop is not None:
            self.errors = 0

    def refuse(self, reply: bytes) -> None:
        """Send `reply`, and count an error; a client that makes too many is disconnected."""
        self.write(reply)
        self.errors += 1

    def hold(self, maildrop: Maildrop) -> None:
        """Signed in: the maildrop is this session's until `let_go`."""
        self.maildrop = maildrop
        self.parts.holders.add(maildrop.holder)
        self.parts.sessions.admit(maildrop.account_id, self)

    def let_go(self) -> Maildrop | None:
        """Have no maildrop any more; returns the one that was held."""
        maildrop, self.maildrop = self.maildrop, None
        if maildrop is not None:
            self.parts.holders.discard(maildrop.holder)
            self.parts.sessions.leave(maildrop.account_id, self)
        return maildrop

    def account_name(self) -> str:
        """The name of the account that has signed in."""
        return self.signed_in_as

    def stage(self) -> str:
        """The state of RFC 1939 §3."""
        return "authorization" if self.maildrop is None else "transaction"

    def finished(self) -> None:
        """The connection is gone without QUIT: nothing is changed, and the maildrop is free for another session."""
        maildrop = self.let_go()
        self.read_ahead.clear()
        if maildrop is not None:
            spawn(
                self.parts.database.transact(release_maildrop, maildrop.account_id, maildrop.holder),
                "releasing a maildrop",
            )
