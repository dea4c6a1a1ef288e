"""PLAIN and LOGIN: the client sends the password itself. Doors offer them over TLS only, or to this host."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from shared.accounts.account import Account
from shared.accounts.errors import BadCredentials, SaslProtocolError
from shared.accounts.names import parse_sign_in_name
from shared.accounts.sasl import SaslExchange, decode


class PasswordDoor(Protocol):
    """What these exchanges need of `sign_in.SignIn`."""

    async def with_password(
        self, name: str, password: str, protocol: str, peer_host: str, door: str = "", method: str = ""
    ) -> Account:
        """See there."""

    def noted(self, protocol: str, peer_host: str, door: str, method: str, name: str) -> AbstractContextManager[None]:
        """See there."""


class PlainExchange(SaslExchange):
    """RFC 4616. No account may act for another: the authorization identity is empty or the same account's."""

    def __init__(self, door: PasswordDoor, protocol: str, peer_host: str, door_name: str = "") -> None:
        self._door = door
        self._protocol = protocol
        self._peer_host = peer_host
        self._door_name = door_name

    async def answer(self, response: bytes | None) -> bytes | Account:
        if response is None:
            return b""
        parts = response.split(b"\0")
        if len(parts) != 3:
            raise SaslProtocolError
        acts_for, name, password = map(decode, parts)
        if not name or not password:
            raise SaslProtocolError
        with self._door.noted(self._protocol, self._peer_host, self._door_name, "PLAIN", name):
            name = name_that_acts_for_itself(acts_for, name)
        return await self._door.with_password(name, password, self._protocol, self._peer_host, self._door_name, "PLAIN")


class LoginExchange(SaslExchange):
    """draft-murchison-sasl-login: two questions. Some clients answer the first one before it was asked."""

    def __init__(self, door: PasswordDoor, protocol: str, peer_host: str, door_name: str = "") -> None:
        self._door = door
        self._protocol = protocol
        self._peer_host = peer_host
        self._door_name = door_name
        self._name: str | None = None

    async def answer(self, response: bytes | None) -> bytes | Account:
        if response is None:
            return b"Username:"
        if self._name is None:
            self._name = decode(response)
            return b"Password:"
        return await self._door.with_password(
            self._name, decode(response), self._protocol, self._peer_host, self._door_name, "LOGIN"
        )


def name_that_acts_for_itself(acts_for: str, name: str) -> str:
    """The name to sign in with: of `alice` and `alice@example.org` the longer one, whose domain is looked at.

    Raises BadCredentials unless the authorization identity is empty or the same account's name.
    """
    if not acts_for:
        return name
    one, other = parse_sign_in_name(acts_for), parse_sign_in_name(name)
    if one is None or other is None or one.account != other.account:
        raise BadCredentials
    if one.domain != other.domain and None not in (one.domain, other.domain):
        raise BadCredentials
    return name if one.domain is None else acts_for
