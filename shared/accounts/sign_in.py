"""Signing in, by whatever door and mechanism: lock-out, then a `twisted.cred` portal, then the account."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, cast

from twisted.cred.portal import Portal

from shared.accounts.account import Account, IAccount
from shared.accounts.attempts import ApopAttempt, Attempt, KeyAttempt, PasswordAttempt, PbAttempt, ScramAttempt
from shared.accounts.checkers import ApopChecker, KeyChecker, PasswordChecker, PbChecker, ScramChecker
from shared.accounts.errors import BadCredentials, SaslProtocolError, SignInFailed
from shared.accounts.hashing import Hashing
from shared.accounts.is_app_password import is_app_password
from shared.accounts.lock_out import Asker, LockOut, LockOutRules
from shared.accounts.names import SignInName, parse_sign_in_name
from shared.accounts.password_exchanges import LoginExchange, PlainExchange
from shared.accounts.read_credentials import read_credentials, read_installation_secret
from shared.accounts.realm import AccountRealm
from shared.accounts.redis_tallies import RedisTallies
from shared.accounts.sasl import SaslExchange
from shared.accounts.scram import ScramVerifier, verifier_of_nobody
from shared.accounts.scram_exchange import ScramExchange
from shared.accounts.sign_in_log import FailureLines, Way
from shared.accounts.ssh_keys.find_key import find_key
from shared.accounts.token_sign_in import account_of_token
from shared.database.database import Database
from shared.errors import DomainError
from shared.events.redis import RedisConnection
from shared.ip_network import Network, network_of

SCRAM = "SCRAM-SHA-256"
PUBLIC_KEY = "publickey"
PASSWORD = "password"  # the method where a protocol has but one: LOGIN of IMAP, USER and PASS of POP3


class SignInSettings(Protocol):
    """The settings that signing in needs of a service."""

    @property
    def lockout_trusted_networks(self) -> Sequence[Network]:
        """The networks in which no client is ever locked out."""


class SignIn:
    """The one way in for every door of this process.

    Every method raises a SignInFailed, or StoreUnavailable; the door decides what it tells the client. `protocol` is
    what app passwords are made for, `door` and `method` are for the log, where attempts leave their lines
    (sign_in_log.py).
    """

    def __init__(
        self,
        database: Database,
        redis: RedisConnection | None,
        reactor: Any,
        settings: SignInSettings,
        rules: LockOutRules | None = None,
    ) -> None:
        """One for each process: failures are counted in `redis` for all of them, without it for this one alone."""
        tallies = None if redis is None else RedisTallies(redis, reactor)
        self._database = database
        self._lock_out = LockOut(reactor, tallies, settings.lockout_trusted_networks, rules)
        self._installation_secret: bytes | None = None
        self._failures = FailureLines(reactor)
        hashing = Hashing(reactor)
        by_password = PasswordChecker(database, hashing, reactor)
        by_key = KeyChecker(database)
        checkers = [by_password, ScramChecker(database), ApopChecker(database), PbChecker(database), by_key]
        self._portal = Portal(cast(Any, AccountRealm()), cast(Any, checkers))  # mypy knows no zope interfaces

    async def with_password(
        self, name: str, password: str, protocol: str, peer_host: str, door: str = "", method: str = PASSWORD
    ) -> Account:
        """The account of `alice` or `alice@` one of our domains, if that is its password or an app password of it."""
        way = self._way(door or protocol, peer_host, method)
        meant = await self._parse(name, way)
        return await self._enter(PasswordAttempt(meant, password, protocol, network_of(peer_host)), way)

    async def with_main_password(self, name: str, password: str, peer_host: str, door: str, method: str) -> Account:
        """The same, of an account that is signed in already: by its own password alone, by no app password."""
        way = self._way(door, peer_host, method)
        meant = await self._parse(name, way)
        return await self._enter(PasswordAttempt(meant, password, "", network_of(peer_host), main_only=True), way)

    async def is_app_password(self, account: Account, password: str) -> bool:
        """Whether `account` has signed in with an app password, if it has with `password`. Raises StoreUnavailable."""
        return await self._database.read(is_app_password, account.id, password)

    async def with_token(self, token: str, protocol: str, peer_host: str, door: str = "") -> Account:
        """The account that has the app password `token`, which came without a name (RFC 6750)."""
        way = self._way(door or protocol, peer_host, "bearer")
        asker = await self._admit("", way)  # the account is not known yet: failures count for the network only
        try:
            account = await self._database.read(account_of_token, token, protocol)
        except DomainError as failure:
            way.failed("", failure)
            if isinstance(failure, SignInFailed) and failure.is_guess:
                await self._lock_out.failed(asker)
            raise
        way.succeeded(account)
        return account

    async def with_apop(
        self, name: str, digest_hex: str, timestamp_banner: str, peer_host: str, door: str = ""
    ) -> Account:
        """The account that has an app password, made for APOP, of that digest (RFC 1939 §7)."""
        way = self._way(door or "pop3", peer_host, "APOP")
        meant = await self._parse(name, way)
        attempt = ApopAttempt(meant, timestamp_banner, digest_hex, "pop3", network_of(peer_host))
        return await self._enter(attempt, way)

    async def with_pb_response(
        self, name: str, challenge: bytes, response: bytes, peer_host: str, door: str = ""
    ) -> Account:
        """The account that has an app password, made for Perspective Broker, which gives that response.

        Raises NotMadeForPb where the account has none, or as the other methods.
        """
        way = self._way(door or "pb", peer_host, "MD5")
        meant = await self._parse(name, way)
        return await self._enter(PbAttempt(meant, challenge, response, "pb", network_of(peer_host)), way)

    async def takes_key(self, name: str, blob: bytes, peer_host: str, door: str) -> bool:
        """Whether a signature by this key would sign in to `name`: programs ask before they sign (RFC 4252 §7).

        It is no attempt yet: one that is refused for its key is neither counted nor recorded. Raises LockedOut.
        """
        meant = parse_sign_in_name(name)
        if meant is None:
            return False
        await self._admit(meant.account, self._way(door, peer_host, PUBLIC_KEY))
        owner = await self._database.read(find_key, meant, blob)
        return owner is not None and owner.account.enabled

    async def with_key(
        self, name: str, blob: bytes, algorithm: str, signature: bytes, signed: bytes, peer_host: str, door: str
    ) -> Account:
        """The account of `name`, if the key `blob` is one of its own and `signature` is that key's over `signed`."""
        way = self._way(door, peer_host, PUBLIC_KEY)
        meant = await self._parse(name, way)
        return await self._enter(KeyAttempt(meant, blob, algorithm, signature, signed), way)

    def exchange(self, mechanism: str, protocol: str, peer_host: str, door: str = "") -> SaslExchange:
        """A new exchange by one of `sasl.MECHANISMS`, in whatever case. Raises SaslProtocolError for others."""
        match mechanism.upper():
            case "PLAIN":
                return PlainExchange(self, protocol, peer_host, door)
            case "LOGIN":
                return LoginExchange(self, protocol, peer_host, door)
            case "SCRAM-SHA-256":
                return ScramExchange(self, protocol, peer_host, door)
        raise SaslProtocolError

    @contextmanager
    def noted(self, protocol: str, peer_host: str, door: str, method: str, name: str) -> Iterator[None]:
        """A SignInFailed that an exchange raises by itself leaves its line, too."""
        try:
            yield
        except SignInFailed as failure:
            meant = parse_sign_in_name(name)
            self._way(door or protocol, peer_host, method).failed(meant.account if meant else "", failure)
            raise

    async def scram_verifier(
        self, name: str, protocol: str, peer_host: str, door: str = ""
    ) -> tuple[SignInName, ScramVerifier]:
        """The name, and the verifier whose salt the client is shown: a made-up one if there is no such account."""
        way = self._way(door or protocol, peer_host, SCRAM)
        meant = await self._parse(name, way)
        await self._admit(meant.account, way)
        known = await self._database.read(read_credentials, meant)
        if known and known.password and known.password.scram:
            return meant, known.password.scram
        if self._installation_secret is None:
            self._installation_secret = await self._database.read(read_installation_secret)
        return meant, verifier_of_nobody(self._installation_secret, meant.account)

    async def with_scram_proof(
        self,
        name: SignInName,
        offered: ScramVerifier,
        auth_message: bytes,
        proof: bytes,
        protocol: str,
        peer_host: str,
        door: str = "",
    ) -> Account:
        """The account, if the proof was made with the password that `offered` was made of, and that still holds."""
        attempt = ScramAttempt(name, offered, auth_message, proof, protocol, network_of(peer_host))
        return await self._enter(attempt, self._way(door or protocol, peer_host, SCRAM))

    def _way(self, door: str, peer_host: str, method: str) -> Way:
        return Way(door, peer_host, method, self._failures)

    async def _enter(self, attempt: Attempt, way: Way) -> Account:
        name = attempt.name.account
        asker = await self._admit(name, way)
        try:
            _, avatar, _ = await self._portal.login(cast(Any, attempt), None, IAccount)
        except DomainError as failure:
            way.failed(name, failure)
            if isinstance(failure, SignInFailed) and failure.is_guess:
                await self._lock_out.failed(asker, isinstance(failure, BadCredentials) and failure.repeated)
            raise
        await self._lock_out.succeeded(asker)
        account = cast(Account, avatar)
        way.succeeded(account)
        return account

    async def _admit(self, account: str, way: Way) -> Asker:
        try:
            return await self._lock_out.admit(account, way.peer)
        except SignInFailed as failure:
            way.failed(account, failure)
            raise

    async def _parse(self, name: str, way: Way) -> SignInName:
        """The account that is meant.

        A name that no account can have is refused like a wrong password, and counts for the network.
        """
        meant = parse_sign_in_name(name)
        if meant is None:
            asker = await self._admit("", way)
            failure = BadCredentials()
            way.failed("", failure)
            await self._lock_out.failed(asker)
            raise failure
        return meant
