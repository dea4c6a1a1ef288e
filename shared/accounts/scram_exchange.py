"""SCRAM-SHA-256 as an exchange: the client proves that it knows the password, the server that it knew it before."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from shared.accounts import scram
from shared.accounts.account import Account
from shared.accounts.errors import SaslProtocolError
from shared.accounts.names import SignInName
from shared.accounts.password_exchanges import name_that_acts_for_itself
from shared.accounts.sasl import SaslExchange


class ScramDoor(Protocol):
    """What this exchange needs of `sign_in.SignIn`."""

    async def scram_verifier(
        self, name: str, protocol: str, peer_host: str, door: str = ""
    ) -> tuple[SignInName, scram.ScramVerifier]:
        """See there."""

    async def with_scram_proof(
        self,
        name: SignInName,
        offered: scram.ScramVerifier,
        auth_message: bytes,
        proof: bytes,
        protocol: str,
        peer_host: str,
        door: str = "",
    ) -> Account:
        """See there."""

    def noted(self, protocol: str, peer_host: str, door: str, method: str, name: str) -> AbstractContextManager[None]:
        """See there."""


class ScramExchange(SaslExchange):
    """RFC 5802 §5. The server's proof goes out as a challenge, which the client answers with nothing.

    So it works in IMAP, POP3 and SMTP alike, none of which sends data with success (RFC 4422 §3.6 leaves that open).
    """

    def __init__(self, door: ScramDoor, protocol: str, peer_host: str, door_name: str = "") -> None:
        self._door = door
        self._protocol = protocol
        self._peer_host = peer_host
        self._door_name = door_name
        self._next = self._start

    async def answer(self, response: bytes | None) -> bytes | Account:
        return await self._next(response)

    async def _start(self, response: bytes | None) -> bytes | Account:
        if response is None:
            return b""
        self._first = scram.parse_client_first(response)
        with self._door.noted(self._protocol, self._peer_host, self._door_name, "SCRAM-SHA-256", self._first.name):
            name = name_that_acts_for_itself(self._first.authzid or "", self._first.name)
        self._name, self._offered = await self._door.scram_verifier(
            name, self._protocol, self._peer_host, self._door_name
        )
        self._nonce = scram.make_nonce(self._first.nonce)
        self._server_first = scram.server_first(self._nonce, self._offered)
        self._next = self._check_proof
        return self._server_first

    async def _check_proof(self, response: bytes | None) -> bytes | Account:
        final = scram.parse_client_final(response or b"", self._first.gs2_header, self._nonce)
        auth_message = b",".join([self._first.bare, self._server_first, final.without_proof])
        self._account = await self._door.with_scram_proof(
            self._name, self._offered, auth_message, final.proof, self._protocol, self._peer_host, self._door_name
        )
        self._next = self._finish
        return scram.server_final(self._offered, auth_message)

    async def _finish(self, response: bytes | None) -> bytes | Account:
        if response:
            raise SaslProtocolError
        return self._account
