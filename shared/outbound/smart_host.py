"""Signing in at a smart host (RFC 4954): by the strongest mechanism that it offers, over TLS alone."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Any, NamedTuple

from shared.accounts.errors import SaslProtocolError
from shared.accounts.scram_as_client import client_final, client_first
from shared.outbound.remote_reply import RemoteReply, ServerFault
from shared.outbound.remote_server import RemoteServer
from shared.runtime.in_thread import in_thread

SCRAM, PLAIN, LOGIN = "SCRAM-SHA-256", "PLAIN", "LOGIN"
_CHALLENGE, _SIGNED_IN = 334, 235


class SmartHostSignIn(NamedTuple):
    """The name and password for a smart host."""

    user: str
    password: str


class SmartHostDoor:
    """Signs in for a process."""

    def __init__(self, reactor: Any, credentials: Callable[[], SmartHostSignIn]) -> None:
        """`credentials` are read for each connection, as they may change; they may raise OSError."""
        self._reactor = reactor
        self._credentials = credentials
        self._not_for_scram: SmartHostSignIn | None = None  # which another mechanism has then taken

    async def enter(self, server: RemoteServer, mechanisms: Collection[str], within: timedelta) -> None:
        """Sign in, or raise ServerFault; OSError where the password cannot be read. `within` is for each command.

        Where SCRAM is refused for good the password itself is sent: some servers keep of some passwords only what that
        needs. They are told no more than those that do not offer SCRAM. A server that takes our proof, and cannot prove
        that it knows the password, gets nothing else.
        """
        if not server.is_encrypted:
            raise ServerFault("the smart host offers no TLS, without which no password is sent", "4.7.0")
        told = self._credentials()
        sends_password = PLAIN in mechanisms or LOGIN in mechanisms
        tries_scram = SCRAM in mechanisms and not (sends_password and told == self._not_for_scram)
        answer = None
        if tries_scram:
            answer = await self._by_scram(server, told, within)
        if sends_password and (answer is None or answer.is_permanent):
            answer = await _by_password(server, mechanisms, told, within)
            if tries_scram and answer.code == _SIGNED_IN:
                self._not_for_scram = told
        if answer is None:
            raise ServerFault(f"the smart host offers none of AUTH {SCRAM}, {PLAIN} and {LOGIN}", "4.7.0")
        if answer.code != _SIGNED_IN:
            raise ServerFault(f"the smart host refuses the sign-in: {answer.text}", "4.7.8", answer.code)

    async def _by_scram(self, server: RemoteServer, told: SmartHostSignIn, within: timedelta) -> RemoteReply:
        first = client_first(told.user)
        answer = await _asked(server, f"AUTH {SCRAM} ", first, within)
        if answer.code != _CHALLENGE:
            return _never_signed_in(answer)
        try:
            final = await in_thread(self._reactor, client_final, told.password, first, _challenge(answer))
        except SaslProtocolError as error:
            raise ServerFault(f"the smart host speaks {SCRAM} wrongly", "4.7.0") from error
        answer = await _asked(server, "", final.octets, within)
        if answer.code != _CHALLENGE:
            return _never_signed_in(answer)
        challenge = _challenge(answer)
        if challenge.startswith(b"e="):  # why the proof is refused (RFC 5802 §7); the refusal itself follows
            return _never_signed_in(await _asked(server, "", b"", within))
        if challenge != final.expected:
            raise ServerFault(f"the smart host has not proved, by {SCRAM}, that it knows the password", "4.7.0")
        return await _asked(server, "", b"", within)


async def _by_password(
    server: RemoteServer, mechanisms: Collection[str], told: SmartHostSignIn, within: timedelta
) -> RemoteReply:
    if PLAIN in mechanisms:
        return await _asked(server, f"AUTH {PLAIN} ", f"\0{told.user}\0{told.password}".encode(), within)
    answer = await server.ask(f"AUTH {LOGIN}", within)
    for word in told:
        if answer.code == _CHALLENGE:
            answer = await _asked(server, "", word.encode(), within)
    return answer


async def _asked(server: RemoteServer, command: str, octets: bytes, within: timedelta) -> RemoteReply:
    return await server.ask(command + base64.b64encode(octets).decode(), within)


def _challenge(answer: RemoteReply) -> bytes:
    """What a challenge holds; nothing where it is not base64."""
    try:
        return base64.b64decode(answer.lines[0], validate=True)
    except (binascii.Error, ValueError):
        return b""


def _never_signed_in(answer: RemoteReply) -> RemoteReply:
    """Raises ServerFault for a server that lets us in before it has proved anything."""
    if answer.code == _SIGNED_IN:
        raise ServerFault(f"the smart host has not proved, by {SCRAM}, that it knows the password", "4.7.0")
    return answer
