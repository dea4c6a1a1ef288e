"""Signing in at an SSH server (RFC 4252): by keys, then by a password or the server's questions (RFC 4256)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from twisted.conch.ssh.common import NS, getNS
from twisted.conch.ssh.service import SSHService
from twisted.internet.defer import Deferred

from shared.command_line.operators.ssh_client.errors import SshFailed
from shared.command_line.operators.ssh_client.keys import SigningKey

REQUEST, FAILURE, SUCCESS, BANNER, PK_OK, INFO_RESPONSE = 50, 51, 52, 53, 60, 61
INFO_REQUEST = PK_OK  # of another method
CONNECTION = b"ssh-connection"
MOST_PASSWORDS = 3
MOST_QUESTIONS = 10


class SshCredentials(NamedTuple):
    """What the client has. `ask` shows a prompt and reads an answer, shown or not; None where nobody can be asked."""

    user: str
    keys: Iterable[SigningKey]
    password: str | None
    ask: Callable[[str, bool], str] | None


class ClientSignIn(SSHService):
    """The service `ssh-userauth`, from the client's side."""

    name = b"ssh-userauth"
    transport: Any

    def __init__(self, credentials: SshCredentials, banner: Callable[[str], None]) -> None:
        self._credentials = credentials
        self._banner = banner
        self._answer: Deferred[tuple[int, bytes]] | None = None
        self._methods: list[str] = []
        self.started: Deferred[None] = Deferred()

    def serviceStarted(self) -> None:
        """The server agrees."""
        self.started.callback(None)

    def packetReceived(self, messageNum: int, packet: bytes) -> None:
        """The server has answered."""
        if messageNum == BANNER:
            self._banner(getNS(packet)[0].decode("utf-8", "replace"))
        elif self._answer is not None:
            answer, self._answer = self._answer, None
            answer.callback((messageNum, packet))

    def lost(self, why: Exception) -> None:
        """The connection is gone."""
        if not self.started.called:
            self.started.errback(why)
        if self._answer is not None:
            answer, self._answer = self._answer, None
            answer.errback(why)

    async def sign_in(self) -> None:
        """Returns when somebody has signed in. Raises SshFailed."""
        if await self._try(b"none", b""):
            return
        for key in self._credentials.keys if "publickey" in self._methods else ():
            if await self._by_key(key):
                return
        if "password" in self._methods and await self._by_password():
            return
        if "keyboard-interactive" in self._methods and self._credentials.ask is not None and await self._by_questions():
            return
        raise SshFailed(f"permission denied ({','.join(self._methods)})")

    async def _by_key(self, key: SigningKey) -> bool:
        offer = NS(key.algorithm.encode()) + NS(key.blob)
        message, packet = await self._ask(b"publickey", b"\0" + offer)
        if message != PK_OK:
            return self._note(message, packet)
        request = NS(self._credentials.user.encode()) + NS(CONNECTION) + NS(b"publickey") + b"\1" + offer
        try:
            signature = key.sign(NS(self.transport.sessionID) + bytes((REQUEST,)) + request)
        except (OSError, ValueError):
            return False
        return await self._try(b"publickey", b"\1" + offer + NS(signature))

    async def _by_password(self) -> bool:
        given, ask = self._credentials.password, self._credentials.ask
        if given is not None:
            return await self._try(b"password", b"\0" + NS(given.encode()))
        for _ in range(MOST_PASSWORDS if ask is not None else 0):
            assert ask is not None
            typed = ask(f"Password of {self._credentials.user}", False)
            if await self._try(b"password", b"\0" + NS(typed.encode())):
                return True
        return False

    async def _by_questions(self) -> bool:
        message, packet = await self._ask(b"keyboard-interactive", NS(b"") + NS(b""))
        for _ in range(MOST_QUESTIONS):
            if message != INFO_REQUEST:
                break
            answers = self._answers(packet)
            self.transport.sendPacket(
                INFO_RESPONSE, struct.pack(">L", len(answers)) + b"".join(NS(each.encode()) for each in answers)
            )
            message, packet = await self._next()
        return self._note(message, packet)

    def _answers(self, packet: bytes) -> list[str]:
        _name, _instruction, _language, rest = getNS(packet, 3)
        (count,) = struct.unpack(">L", rest[:4])
        rest, answers = rest[4:], []
        for _ in range(min(count, MOST_QUESTIONS)):
            prompt, rest = getNS(rest)
            assert self._credentials.ask is not None
            answers.append(self._credentials.ask(prompt.decode("utf-8", "replace").rstrip(": "), rest[:1] != b"\0"))
            rest = rest[1:]
        return answers

    async def _try(self, method: bytes, extra: bytes) -> bool:
        return self._note(*await self._ask(method, extra))

    def _note(self, message: int, packet: bytes) -> bool:
        if message == FAILURE:
            self._methods = getNS(packet)[0].decode("ascii", "replace").split(",")
        return message == SUCCESS

    def _ask(self, method: bytes, extra: bytes) -> Deferred[tuple[int, bytes]]:
        user = NS(self._credentials.user.encode())
        self.transport.sendPacket(REQUEST, user + NS(CONNECTION) + NS(method) + extra)
        return self._next()

    def _next(self) -> Deferred[tuple[int, bytes]]:
        self._answer = Deferred()
        return self._answer
