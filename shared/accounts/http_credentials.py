"""Credentials in a field of HTTP (RFC 9110 §11), proved once and remembered for minutes, not proved for each request.

What is remembered is a keyed digest of the field's value and the account's number. The key is this process's own and
leaves it with the process; nobody who reads the memory of connections finds a password in it.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections import OrderedDict
from functools import partial
from hashlib import blake2b

from shared.accounts.account import Account
from shared.accounts.errors import BadCredentials, SignInFailed
from shared.accounts.sign_in import SignIn
from shared.bounded_cache import ENTRY_OCTETS, BoundedCache
from shared.clock import Clock
from shared.database.errors import StatementTimedOut, StoreUnavailable
from shared.errors import DomainError
from shared.runtime.single_flight import SingleFlight

KEPT_SECONDS = 600.0  # as long as a proved password is remembered (remembered.py)
# While the store is away, a proof of the last 24 hours counts.
KEPT_WITHOUT_STORE_SECONDS = 24 * 3600.0
ASKED_AGAIN_SECONDS = 30.0  # … and the store is asked again so often
NAMES_OCTETS = 1 << 20  # some thousands of accounts
MOST_KEPT = 20_000  # about 6 MB


class CredentialsWanted(DomainError):
    """The field has no credentials that are known here: the client must sign in first."""


class Proof:
    """A proof that was accepted: of which account, when, and until when it counts without asking the store."""

    __slots__ = ("account_id", "proved_at", "until")

    def __init__(self, account_id: int, proved_at: float) -> None:
        self.account_id = account_id
        self.proved_at = proved_at
        self.until = proved_at + KEPT_SECONDS


class HttpCredentials:
    """Remembers what `sign_in` has found out."""

    def __init__(self, sign_in: SignIn, protocol: str, clock: Clock) -> None:
        """`protocol` is the scope of app passwords."""
        self._sign_in = sign_in
        self._protocol = protocol
        self._clock = clock
        self._keyed_digest = blake2b(digest_size=16, key=secrets.token_bytes(32))
        self._accepted: OrderedDict[bytes, Proof] = OrderedDict()  # the oldest proof first
        self.names: BoundedCache[int, str] = BoundedCache(
            NAMES_OCTETS, lambda name: len(name) + ENTRY_OCTETS
        )  # for the access log
        self._proofs: SingleFlight[tuple[bytes, str], int] = SingleFlight()

    def known(self, authorization: bytes) -> Proof | None:
        """The account that this value of the field proves, if it was proved lately."""
        proof = self._accepted.get(self._digest(authorization))
        if proof is None or proof.until <= self._clock.seconds():
            return None
        return proof

    async def check(self, authorization: bytes, peer_host: str, door: str) -> int:
        """Prove it, together with all who ask the same from the same address; returns the account's number.

        `door` is for the log. Raises CredentialsWanted, SignInFailed, StoreUnavailable, StatementTimedOut.
        """
        digest = self._digest(authorization)
        proving = partial(self._prove_or_remember, digest, authorization, peer_host, door)
        return await self._proofs.ask((digest, peer_host), proving)

    def forget(self, account_id: int) -> None:
        """The account has changed: forget its proofs."""
        for digest in [key for key, proof in self._accepted.items() if proof.account_id == account_id]:
            del self._accepted[digest]

    def doubt(self) -> None:
        """Any account may have changed: every proof is checked again at its next use, by one query each."""
        for proof in self._accepted.values():
            proof.until = 0.0

    def _digest(self, authorization: bytes) -> bytes:
        digest = self._keyed_digest.copy()  # takes a third less than a new one with the key
        digest.update(authorization)
        return digest.digest()

    async def _prove_or_remember(self, digest: bytes, authorization: bytes, peer_host: str, door: str) -> int:
        try:
            account_id = await self._prove(authorization, peer_host, door)
        except (StoreUnavailable, StatementTimedOut):
            now, proof = self._clock.seconds(), self._accepted.get(digest)
            if proof is None or proof.proved_at + KEPT_WITHOUT_STORE_SECONDS < now:
                raise
            proof.until = now + ASKED_AGAIN_SECONDS
            return proof.account_id
        except SignInFailed as failure:
            if not failure.temporary:
                self._accepted.pop(digest, None)
            raise
        self._accepted[digest] = Proof(account_id, self._clock.seconds())
        self._accepted.move_to_end(digest)
        if len(self._accepted) > MOST_KEPT:
            self._accepted.popitem(last=False)
        return account_id

    async def _prove(self, authorization: bytes, peer_host: str, door: str) -> int:
        scheme, _, value = authorization.partition(b" ")
        match scheme.lower():
            case b"basic":
                name, password = basic_credentials(value.strip(b" "))
                return self._noted(
                    await self._sign_in.with_password(name, password, self._protocol, peer_host, door, "basic")
                )
            case b"bearer":
                token = value.strip(b" ").decode("ascii", "replace")
                return self._noted(await self._sign_in.with_token(token, self._protocol, peer_host, door))
        raise CredentialsWanted

    def _noted(self, account: Account) -> int:
        self.names.put(account.id, account.name)
        return account.id


def basic_credentials(value: bytes) -> tuple[str, str]:
    """Name and password of RFC 7617: UTF-8, or ISO 8859-1 from clients older than that (and requests, aiohttp).

    Raises BadCredentials.
    """
    try:
        octets = base64.b64decode(value, validate=True)
    except binascii.Error:
        raise BadCredentials from None
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        text = octets.decode("latin-1")
    name, colon, password = text.partition(":")
    if not colon:
        raise BadCredentials
    return name, password
