"""Conversations in commands of one line, a verb, a blank and arguments: SMTP, POP3, NNTP.

Every protocol of this kind treats errors alike. An error of the domain is answered with its reply. A bug of ours is
logged, the client gets the reply UNEXPECTED, and the next command is read. Only if the bug comes in the middle of a
command's own octets, where it is unknown where the next command begins, the connection ends with the farewell for
INTERNAL_ERROR, which is SMTP's 421 (RFC 5321 §3.8: only when closing).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar

from shared.conversation.conversation import Conversation
from shared.conversation.errors import LineTooLong
from shared.errors import DomainError, nearest

Command = Callable[[Any, bytes], Awaitable[None]]  # given the session, which is above it, and the arguments


class VerbConversation(Conversation):
    """A session that is given its commands; a subclass says what its protocol says.

    `over` ends the conversation behind the command in hand. `errors` are the client's; at `most_errors` it is let go.
    """

    error_replies: ClassVar[Mapping[type[DomainError], bytes]] = {}  # to facts of the domain
    unexpected: ClassVar[bytes]  # the reply to a bug, and to an error of the domain that has no reply
    unknown_verb: ClassVar[bytes]
    too_many_errors: ClassVar[bytes]  # the last words of a client that is let go

    def __init__(self, commands: Mapping[bytes, Command], most_errors: int) -> None:
        """`commands` by verb, in upper case."""
        super().__init__()
        self.over = False
        self.in_the_middle = False  # of a command's octets: what the client sends next is no command
        self.errors = 0
        self._commands = commands
        self._most_errors = most_errors

    # What a subclass says, or says otherwise

    def welcome(self) -> bytes:
        """The greeting."""
        raise NotImplementedError

    def command(self, verb: bytes) -> Command | None:
        """The command for this verb in the session's present state; None if there is none."""
        return self._commands.get(verb)

    def say_unknown(self, verb: bytes) -> None:
        """Answer a verb that nothing obeys."""
        self.errors += 1
        self.write(self.unknown_verb)

    def say_error(self, error: Exception) -> None:
        """Answer the command in hand, which ended with an error of the domain or a bug of ours."""
        self.write(nearest(self.error_replies, error, self.unexpected))

    def obeyed(self, succeeded: bool) -> None:
        """A command was answered; `succeeded`: without an error that counts."""

    # The loop

    async def converse(self) -> None:
        """Greet, then obey until the client leaves, is told to, or has erred too often."""
        self.write(self.welcome())
        while not self.over:
            try:
                line = self.line_here()
                if line is None:
                    line = await self.line_later()
                    if line is None:
                        return
            except LineTooLong as error:
                self.say_error(error)
            else:
                verb, _, argument = line.partition(b" ")
                verb = verb.upper()
                command = self.command(verb)
                if command is None:
                    self.say_unknown(verb)
                else:
                    errors, failed = self.errors, False
                    try:
                        await command(self, argument)
                    except DomainError as error:
                        failed = True
                        self.say_error(error)
                    except Exception as error:
                        if self.in_the_middle:
                            raise
                        failed = True
                        self.log.failure("{verb} failed", verb=verb.decode())
                        self.say_error(error)
                    self.in_the_middle = False
                    self.obeyed(not failed and self.errors == errors)
            if self.errors >= self._most_errors and not self.over:  # behind all replies of the command
                self.over = True
                self.write(self.too_many_errors)
