"""One POP3 conversation: sign in, read the maildrop, and leave with the changes committed."""

from __future__ import annotations

import secrets

from twisted.logger import Logger

from services.mail_access.pop3 import replies
from services.mail_access.pop3.ahead import Ahead
from services.mail_access.pop3.door import Pop3Door
from services.mail_access.pop3.maildrop import Maildrop
from services.mail_access.pop3.vocabulary import AUTHORIZATION, TRANSACTION
from shared.accounts.errors import SignInFailed
from shared.conversation.conversation import Conversation
from shared.conversation.ending import Ending
from shared.conversation.errors import LineTooLong
from shared.errors import DomainError
from shared.mail.maildrop_lease import release_maildrop
from shared.runtime.spawn import spawn

log = Logger()
_FAREWELLS = {
    Ending.IDLE: replies.IDLE_TOO_LONG,
    Ending.SHUTDOWN: replies.SHUTTING_DOWN,
    Ending.LINE_TOO_LONG: b"-ERR line too long\r\n",
    Ending.INTERNAL_ERROR: replies.UNEXPECTED,
    Ending.TOO_MANY: replies.TOO_MANY_CONNECTIONS,
}


class Pop3Session(Conversation):
    """RFC 1939's states: AUTHORIZATION while `maildrop` is None, then TRANSACTION; QUIT is UPDATE."""

    def __init__(self, door: Pop3Door) -> None:
        super().__init__()
        self.door = door
        self.name: str | None = None  # what USER said
        self.signed_in_as = ""
        self.banner = ""  # the timestamp of RFC 1939 §7; empty while APOP is not offered
        self.maildrop: Maildrop | None = None
        self.ahead = Ahead(door.bodies)
        self.over = False
        self._shut_out = False
        self._errors = 0

    async def converse(self) -> None:
        """Greet, then obey until QUIT."""
        if self.door.apop.stands:
            self.banner = f"<{secrets.token_hex(8)}.{int(self.door.now().timestamp())}@{self.door.hostname}>"
        self.write(b" ".join(filter(None, [b"+OK Agora POP3 ready", self.banner.encode()])) + b"\r\n")
        while not self.over:
            try:
                line = await self.read_line()
                if line is None:
                    return
                errors = self._errors
                await self._obey(line)
                if self.maildrop is not None and errors == self._errors:
                    self._errors = 0  # signed in, only those in a row count
            except (SignInFailed, LineTooLong) as error:
                self.refuse(replies.reply_to(error))
            except DomainError as error:  # a fact such as a message that is gone: no fault of the client's
                self.write(replies.reply_to(error))

    async def _obey(self, line: bytes) -> None:
        verb, _, argument = line.partition(b" ")
        vocabulary = AUTHORIZATION if self.maildrop is None else TRANSACTION
        command = vocabulary.get(verb.upper())
        if command is None:
            known = verb.upper() in AUTHORIZATION or verb.upper() in TRANSACTION
            self.refuse(replies.NOT_NOW if known else replies.UNKNOWN_COMMAND)
            return
        try:
            await command(self, argument)
        except DomainError:
            raise
        except Exception:
            log.failure("a POP3 command failed")
            self.refuse(replies.UNEXPECTED)

    def refuse(self, reply: bytes) -> None:
        """Say `reply` to what was wrong; a client that does too much wrong is let go."""
        self.write(reply)
        self._errors += 1
        if self._errors >= self.door.errors and not self.over:
            self.over = True
            self.write(replies.TOO_MANY_ERRORS)

    def farewell(self, ending: Ending) -> bytes:
        """The last words when the connection ends for a reason of ours."""
        if self._shut_out and ending is Ending.SHUTDOWN:
            return replies.SHUT_OUT
        return _FAREWELLS.get(ending, b"")

    def hold(self, maildrop: Maildrop) -> None:
        """Signed in: the maildrop is this session's until `let_go`."""
        self.maildrop = maildrop
        self.door.holders.add(maildrop.holder)
        self.door.sessions.admit(maildrop.account_id, self)

    def let_go(self) -> Maildrop | None:
        """Have no maildrop any more; returns the one that was held."""
        maildrop, self.maildrop = self.maildrop, None
        if maildrop is not None:
            self.door.holders.discard(maildrop.holder)
            self.door.sessions.leave(maildrop.account_id, self)
        return maildrop

    def account_name(self) -> str:
        """Who has signed in."""
        return self.signed_in_as

    def shut_out(self) -> None:
        """The account may not be here any more: the session ends, in between two commands."""
        self._shut_out = True
        self.shut_down()

    def finished(self) -> None:
        """The connection is gone without QUIT: nothing is changed, and others may come in."""
        maildrop = self.let_go()
        self.ahead.clear()
        if maildrop is not None:
            spawn(
                self.door.database.transact(release_maildrop, maildrop.account_id, maildrop.holder),
                "releasing a maildrop",
            )
