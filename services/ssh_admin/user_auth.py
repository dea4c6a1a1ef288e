"""Signing in over SSH (RFC 4252): by public key, by password.

Programs offer every key they have before they ask for a password: offers count for themselves. A wrong password, or a
signature that is not the key's, counts for lock-out like a wrong password at any other door.
"""

from __future__ import annotations

import struct
from collections import deque
from typing import Any

from twisted.conch.ssh.common import NS, getNS
from twisted.conch.ssh.service import SSHService
from twisted.conch.ssh.transport import (
    DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE,
    DISCONNECT_PROTOCOL_ERROR,
    DISCONNECT_TOO_MANY_CONNECTIONS,
)

from services.ssh_admin.connection import SshConnection
from services.ssh_admin.peer import SshPeer
from services.ssh_admin.quiet_log import QuietLogger
from services.ssh_admin.replies import reply_to
from shared.accounts.account import Account
from shared.accounts.errors import BadCredentials, SignInFailed
from shared.accounts.ssh_keys.public_key import ALGORITHMS
from shared.errors import DomainError
from shared.runtime.spawn import spawn

REQUEST, FAILURE, SUCCESS, PK_OK = 50, 51, 52, 60
MOST_WAITING = 10  # requests; clients wait for each answer
MOST_ATTEMPTS = 3
MOST_OFFERS = 20  # keys: an agent holds a handful
PUBLIC_KEY, PASSWORD = "publickey", "password"


class UserAuth(SSHService):
    """One client on its way in."""

    _log = QuietLogger()
    name = b"ssh-userauth"
    protocolMessages = {REQUEST: "MSG_USERAUTH_REQUEST"}  # noqa: RUF012  # conch's attribute
    transport: SshPeer  # type: ignore[assignment]  # a transport of conch with more to it

    def __init__(self) -> None:
        self._waiting: deque[bytes] = deque()
        self._busy = False

    def packetReceived(self, messageNum: int, packet: bytes) -> None:
        """A packet came before anybody has signed in."""
        if messageNum != REQUEST or len(self._waiting) >= MOST_WAITING:
            self.transport.end(DISCONNECT_PROTOCOL_ERROR, "sign in first")
            return
        self._waiting.append(packet)
        if not self._busy:
            spawn(self._answer_all(), "signing in over SSH")

    async def _answer_all(self) -> None:
        """One after the other, in the order they came (RFC 4252 §5.1)."""
        self._busy = True
        try:
            while self._waiting and not self.transport.is_over and self.transport.account is None:
                await self._answer(self._waiting.popleft())
        finally:
            self._busy = False

    async def _answer(self, packet: bytes) -> None:
        transport = self.transport
        try:
            user, wanted, method, rest = getNS(packet, 3)
            name, asked = user.decode("utf-8", "replace"), method.decode("ascii", "replace")
            if wanted != SshConnection.name:
                raise ValueError
            account = None
            if asked not in transport.parts.methods:
                self._refuse()
            elif asked == PUBLIC_KEY:
                account = await self._by_key(name, user, rest)
            else:
                account = await self._by_password(name, rest)
        except (struct.error, IndexError, ValueError):
            transport.end(DISCONNECT_PROTOCOL_ERROR, "malformed request to sign in")
        except BadCredentials as error:
            self._failed(counts=error.is_guess)
        except DomainError as error:
            if isinstance(error, SignInFailed) and not error.temporary:
                self._failed(counts=True)  # the account is disabled: strangers get the same words
            else:
                transport.end(DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE, reply_to(error).sentence)
        else:
            if account is not None and not transport.is_over:
                self._succeeded(account)

    async def _by_password(self, name: str, rest: bytes) -> Account | None:
        parts = self.transport.parts
        password = getNS(rest[1:])[0].decode("utf-8", "replace")
        if rest[:1] != b"\0":  # a new password instead of an expired one: ours do not expire
            self._refuse()
            return None
        host = self.transport.peer_host
        account = await parts.sign_in.with_password(name, password, "ssh", host, parts.door, PASSWORD)
        self.transport.by_app_password = await parts.sign_in.is_app_password(account, password)
        return account

    async def _by_key(self, name: str, user: bytes, rest: bytes) -> Account | None:
        parts, host = self.transport.parts, self.transport.peer_host
        signs = rest[:1] != b"\0"
        algorithm, blob, more = getNS(rest[1:], 2)
        if algorithm.decode("ascii", "replace") not in ALGORITHMS:
            self._offered_in_vain()
            return None
        if not signs:
            if await parts.sign_in.takes_key(name, blob, host, parts.door):
                self._send(PK_OK, NS(algorithm) + NS(blob))
            else:
                self._offered_in_vain()
            return None
        session_id = self.transport.sessionID or b""
        signed = NS(session_id) + bytes((REQUEST,)) + NS(user) + NS(SshConnection.name) + NS(PUBLIC_KEY.encode())
        signed += b"\1" + NS(algorithm) + NS(blob)
        return await parts.sign_in.with_key(
            name, blob, algorithm.decode("ascii"), getNS(more)[0], signed, host, parts.door
        )

    def _succeeded(self, account: Account) -> None:
        transport = self.transport
        if not transport.parts.sessions.admit(account.id, transport):
            transport.end(DISCONNECT_TOO_MANY_CONNECTIONS, "this account has as many SSH connections as it may")
            return
        self._send(SUCCESS, b"")
        transport.signed_in(account)
        transport.setService(SshConnection(transport.parts, transport))

    def _offered_in_vain(self) -> None:
        self.transport.offers += 1
        if self.transport.offers > MOST_OFFERS:
            self._too_many()
        else:
            self._refuse()

    def _failed(self, counts: bool) -> None:
        if counts:
            self.transport.attempts += 1
        else:
            self.transport.offers += 1
        if self.transport.attempts >= MOST_ATTEMPTS or self.transport.offers > MOST_OFFERS:
            self._too_many()
        else:
            self._refuse()

    def _too_many(self) -> None:
        self.transport.end(DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE, "too many failures to sign in")

    def _refuse(self) -> None:
        self._send(FAILURE, NS(",".join(self.transport.parts.methods).encode()) + b"\0")

    def _send(self, message: int, payload: Any) -> None:
        self.transport.sendPacket(message, payload)
