"""One transaction with another mail server: MAIL, RCPT for each recipient, DATA (RFC 5321 §3.3).

The commands of the next one may go out behind the final dot, where the server takes commands together (RFC 2920 §3.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from shared.errors import DomainError
from shared.outbound.claim import QueuedMessage, QueuedRecipient
from shared.outbound.greet import Extensions
from shared.outbound.outcome import AttemptOutcome, Fate
from shared.outbound.remote_reply import RemoteReply, ServerFault
from shared.outbound.remote_server import RemoteServer
from shared.outbound.source import MessageSource, dot_pieces
from shared.outbound.stages import Stages
from shared.outbound.tls_wish import TlsWish

MOST_TOGETHER = 100  # recipients whose replies are read together: a server must take so many (RFC 5321 §4.5.3.1.8)
TOO_MANY = (452, 552)  # the second for servers of before RFC 5321 §4.5.3.1.10
TOO_MANY_STATUS = ("4.5.3", "5.5.3", "4.0.0", "5.0.0")  # not 4.2.2, a full mailbox
CLOSES = 421  # RFC 5321 §3.8: whatever the command was
STORE_AWAY = ServerFault("the message could not be read from the store", "4.3.0")


class Transmission:
    """A message on its way to some recipients by one connection.

    `outcomes` has those that are known; `again` the recipients that the server wants in another transaction. `fault` is
    set when the conversation broke; `has_begun` when the server may have taken something in; `is_ahead` when its
    commands were sent with the end of the message before.
    """

    def __init__(
        self,
        server: RemoteServer,
        host: str,
        offered: Extensions,
        recipients: Sequence[QueuedRecipient],
        stages: Stages,
    ) -> None:
        self.outcomes: list[AttemptOutcome] = []
        self.again: list[QueuedRecipient] = []
        self.fault: ServerFault | None = None
        self.has_begun = False
        self.is_ahead = False
        self._server = server
        self._host = host
        self._offered = offered
        self._stages = stages
        self._message: QueuedMessage = recipients[0].message
        self._sender = recipients[0].sender
        self._recipients = {each.id: each for each in recipients}
        self._waiting = dict(self._recipients)  # without an outcome so far
        self._accepted: list[QueuedRecipient] = []
        self._unfit = self._why_unfit()
        self._was_asked = False  # the commands are sent

    @property
    def is_one_group(self) -> bool:
        """Whether the server takes all commands together, and may take the message."""
        return self._offered.pipelining and self._unfit is None and len(self._waiting) <= MOST_TOGETHER

    def ask(self) -> None:
        """Send the commands now, if they are one group and not sent; run() reads the replies."""
        if self.is_one_group and not self._was_asked:
            self._server.write(self.group())

    async def run(self, source: MessageSource, following: Transmission | None = None) -> None:
        """Each recipient has an outcome then, or is in `again`. Never fails.

        The commands of `following`, which are one group, go out with the end of this message, if it is sent.
        """
        if self._unfit is not None:
            self._all(Fate.FAILED, *self._unfit)
            return
        try:
            await self._transact(source, following)
        except ServerFault as fault:
            self.break_off(fault)
        except DomainError:
            self._server.end(STORE_AWAY)  # in the middle of the message: the server must not take it for whole
            self.break_off(STORE_AWAY)

    def _why_unfit(self) -> tuple[str, str] | None:
        """The status and the reason, if this server can never take the message."""
        message, offered = self._message, self._offered
        if message.utf8 and not offered.utf8:
            return "5.6.7", "the server does not take internationalized mail (SMTPUTF8)"
        if message.eight_bit and not offered.eight_bit:
            return "5.6.3", "the message has octets above 127, which the server does not take (8BITMIME)"
        if 0 < offered.size_octets < message.size_octets:
            return "5.3.4", f"the message has {message.size_octets} octets, the server takes {offered.size_octets}"
        return None

    def _lines(self) -> list[str]:
        return [self._mail(), *map(self._rcpt, self._waiting.values())]

    def group(self) -> bytes:
        """The commands, to be sent now."""
        self._was_asked = True
        return "".join([f"{each}\r\n" for each in (*self._lines(), "DATA")]).encode()

    async def _transact(self, source: MessageSource, following: Transmission | None) -> None:
        server, stages = self._server, self._stages
        if self._offered.pipelining:
            answer = await self._sent_together()
        else:
            answer = await self._sent_one_by_one()
        if answer is not None and answer.code != 354 and answer.code < 400:
            self._forget_replies(ServerFault(f"the server answers DATA with {answer.code}", "4.5.0", answer.code))
        if answer is not None and answer.code != 354:
            self._refused(self._accepted, answer)
        elif answer is not None and self._accepted:
            await self._send_message(source, following)
            return
        elif answer is not None:
            server.write(b".\r\n")  # RFC 2920 §3.1: no recipient was taken, and the message was asked for all the same
            await server.read_reply(stages.dot)
            return
        await server.ask("RSET", stages.command)

    async def _sent_together(self) -> RemoteReply | None:
        """MAIL with RCPTs, in portions; DATA with the last of them if that is the only one. The reply to DATA."""
        server, stages = self._server, self._stages
        recipients = list(self._waiting.values())
        with_data = len(recipients) <= MOST_TOGETHER
        if with_data and not self._was_asked:
            server.write(self.group())
        lines = [] if with_data else self._lines()
        mail_refused: RemoteReply | None = None
        for start in range(0, len(recipients), MOST_TOGETHER):
            portion = recipients[start : start + MOST_TOGETHER]
            if not with_data:
                commands = lines[1 + start if start else 0 : 1 + start + len(portion)]
                server.write("".join(f"{each}\r\n" for each in commands).encode())
            if start == 0:
                answer = await server.read_reply(stages.command)
                self.has_begun = True
                mail_refused = None if answer.is_good else answer
            for recipient in portion:
                answer = await server.read_reply(stages.command)
                self._named(recipient, mail_refused or answer)
        if with_data:
            return await server.read_reply(stages.data)
        return await self._data()

    async def _sent_one_by_one(self) -> RemoteReply | None:
        server, stages = self._server, self._stages
        lines = self._lines()
        answer = await server.ask(lines[0], stages.command)
        self.has_begun = True
        if not answer.is_good:
            self._refused(list(self._waiting.values()), answer)
            return None
        for recipient, line in zip(list(self._waiting.values()), lines[1:], strict=True):
            self._named(recipient, await server.ask(line, stages.command))
        return await self._data()

    def _forget_replies(self, fault: ServerFault) -> NoReturn:
        """The server has said more, or less, than was asked: what it meant by which reply cannot be known."""
        self._server.end(fault)
        self._waiting = dict(self._recipients)
        self.outcomes, self.again, self._accepted = [], [], []
        self.has_begun = False  # the message was not sent
        raise fault

    async def _data(self) -> RemoteReply | None:
        return await self._server.ask("DATA", self._stages.data) if self._accepted else None

    async def _send_message(self, source: MessageSource, following: Transmission | None) -> None:
        server, stages = self._server, self._stages
        behind = b""
        if following is not None:
            following.is_ahead, behind = True, following.group()
        is_one_piece = source.rest >= source.size_octets  # as most are: then all of it goes out in one packet
        async for piece in dot_pieces(source):
            server.write(piece + behind if is_one_piece else piece)
            await server.drain(stages.block)
        if behind and not is_one_piece:
            server.write(behind)
        answer = await server.read_reply(stages.dot)
        if answer.code == CLOSES:
            server.end(ServerFault("the server closes the connection", answer.status, answer.code))
        if not answer.is_good:
            self._refused(self._accepted, answer)
            return
        passed_on = self._offered.reports
        for recipient in self._accepted:
            self._note(recipient, Fate.DELIVERED, answer.status, answer.text, answer.code, passed_on)

    def _named(self, recipient: QueuedRecipient, answer: RemoteReply) -> None:
        if answer.is_good:
            self._accepted.append(recipient)
        elif (
            self._accepted
            and answer.code in TOO_MANY
            and answer.status in ("4.5.3", "5.5.3", f"{answer.code // 100}.0.0")
        ):
            del self._waiting[recipient.id]
            self.again.append(recipient)
        else:
            self._refused([recipient], answer)

    def _mail(self) -> str:
        message, offered = self._message, self._offered
        words = [f"MAIL FROM:<{self._sender}>"]
        if offered.size_octets:
            words.append(f"SIZE={message.size_octets}")
        if message.eight_bit:
            words.append("BODY=8BITMIME")
        if message.utf8:
            words.append("SMTPUTF8")
        if message.tls is TlsWish.REQUIRED:
            words.append("REQUIRETLS")  # that it is offered is made sure of when the connection is made
        if offered.reports:
            words += ["RET=FULL"] if message.returns_all else []
            words += [f"ENVID={message.envelope_id}"] if message.envelope_id else []
        return " ".join(words)

    def _rcpt(self, recipient: QueuedRecipient) -> str:
        local, _, _ = recipient.address.rpartition("@")
        words = [f"RCPT TO:<{local}@{recipient.domain}>"]
        if self._offered.reports:
            words += [f"NOTIFY={recipient.notify}"] if recipient.notify else []
            words += [f"ORCPT={recipient.original}"] if recipient.original else []
        return " ".join(words)

    def _refused(self, recipients: Sequence[QueuedRecipient], answer: RemoteReply) -> None:
        fate = Fate.FAILED if answer.is_permanent else Fate.DEFERRED
        for recipient in list(recipients):
            self._note(recipient, fate, answer.status, answer.text, answer.code)

    def break_off(self, fault: ServerFault) -> None:
        """Those that have no outcome are to be tried again."""
        self.fault = fault
        self._all(Fate.DEFERRED, fault.status, str(fault), fault.code)

    def _all(self, fate: Fate, status: str, text: str, code: int | None = None) -> None:
        for recipient in list(self._waiting.values()):
            self._note(recipient, fate, status, text, code)

    def _note(
        self, recipient: QueuedRecipient, fate: Fate, status: str, text: str, code: int | None, passed_on: bool = False
    ) -> None:
        del self._waiting[recipient.id]
        self.outcomes.append(AttemptOutcome(recipient, fate, status, text, self._host, code, passed_on))
