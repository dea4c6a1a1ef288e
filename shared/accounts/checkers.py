"""The checkers of `twisted.cred`: whether a proof is right. Each reads the account anew, in one query.

They know nothing of lock-out, which `sign_in.SignIn` asks before it calls them.
"""

from __future__ import annotations

import hmac
from functools import partial

from twisted.cred.checkers import ICredentialsChecker
from twisted.internet.defer import Deferred
from zope.interface import implementer

from shared.accounts.account import Account
from shared.accounts.app_password import apop_digest, pb_response, secret_digest
from shared.accounts.attempts import (
    ApopAttempt,
    IApopAttempt,
    IKeyAttempt,
    IPasswordAttempt,
    IPbAttempt,
    IScramAttempt,
    KeyAttempt,
    PasswordAttempt,
    PbAttempt,
    ScramAttempt,
)
from shared.accounts.errors import (
    AccountDisabled,
    BadCredentials,
    NotMadeForApop,
    NotMadeForPb,
    UnknownKey,
    WrongProtocol,
)
from shared.accounts.hashing import Hashing
from shared.accounts.read_credentials import Credential, Known, read_credentials
from shared.accounts.remembered import Remembered, RememberedKeys
from shared.accounts.scram import proof_fits
from shared.accounts.ssh_keys.find_key import find_key, note_use
from shared.accounts.ssh_keys.public_key import signature_fits
from shared.accounts.verifiers import hash_of_nobody, password_fits, prepare_typed_password
from shared.clock import Clock
from shared.database.database import Database
from shared.runtime.single_flight import SingleFlight

# 0 is no credential's number: the identity columns start at 1.
_NOBODY = 0


@implementer(ICredentialsChecker)
class PasswordChecker:
    """Checks passwords and app passwords. A name without account costs what a wrong password costs.

    A password that was right is remembered for minutes, so that programs which connect all day do not cost an argon2
    each time; one that was wrong, too, so that a program with an old password does not either.
    """

    credentialInterfaces = (IPasswordAttempt,)

    def __init__(self, database: Database, hashing: Hashing, clock: Clock) -> None:
        self._database = database
        self._hashing = hashing
        self._keys = RememberedKeys()
        self._right = Remembered(clock)
        self._wrong = Remembered(clock)
        self._hash_of_nobody = hash_of_nobody()
        self._proofs: SingleFlight[bytes, bool] = SingleFlight()

    def requestAvatarId(self, credentials: PasswordAttempt) -> Deferred[Account]:
        return Deferred.fromCoroutine(self._check(credentials))

    async def _check(self, attempt: PasswordAttempt) -> Account:
        known = await self._database.read(read_credentials, attempt.name)
        credential = None if attempt.main_only else _fitting_app_password(known, attempt.password)
        if credential is None:
            credential = await self._prove_password(known, attempt)
        return _admit(known, credential, attempt.protocol)

    async def _prove_password(self, known: Known | None, attempt: PasswordAttempt) -> Credential:
        prepared = prepare_typed_password(attempt.password)
        if prepared is None:
            raise BadCredentials
        credential = known.password if known else None
        if credential:
            key = self._keys.key(credential.id, credential.password_hash, prepared)
        else:  # a made-up name has no hash of its own: the name keeps different ones apart
            key = self._keys.key(_NOBODY, repr(attempt.name), prepared)
        if credential and key in self._right:
            return credential
        if key in self._wrong:
            raise BadCredentials(repeated=True)
        password_hash = credential.password_hash if credential else self._hash_of_nobody
        if not await self._fits(key, attempt.source, password_hash, prepared) or credential is None:
            self._wrong.add(key)
            raise BadCredentials
        self._right.add(key)
        return credential

    async def _fits(self, key: bytes, source: str, password_hash: str, prepared: str) -> bool:
        """One argon2 for all who ask the same at the same time: mail programs open several connections at once.

        A client that hangs up does not cancel it for the others.
        """
        proving = partial(self._hashing.run, source, password_fits, password_hash, prepared)
        return await self._proofs.ask(key, proving)


@implementer(ICredentialsChecker)
class ScramChecker:
    """Checks SCRAM-SHA-256 proofs, of the account's password only.

    The client was shown the salt of one password, and can prove that one only. Programs that have an app password use
    PLAIN, over TLS.
    """

    credentialInterfaces = (IScramAttempt,)

    def __init__(self, database: Database) -> None:
        self._database = database

    def requestAvatarId(self, credentials: ScramAttempt) -> Deferred[Account]:
        return Deferred.fromCoroutine(self._check(credentials))

    async def _check(self, attempt: ScramAttempt) -> Account:
        # Read again: between the two messages the password may have changed, or the account been disabled.
        known = await self._database.read(read_credentials, attempt.name)
        credential = known.password if known else None
        fits = proof_fits(attempt.offered, attempt.auth_message, attempt.proof)
        if not fits or credential is None or credential.scram != attempt.offered:
            raise BadCredentials
        return _admit(known, credential, attempt.protocol)


@implementer(ICredentialsChecker)
class ApopChecker:
    """Checks POP3's APOP, for the app passwords that were made for it."""

    credentialInterfaces = (IApopAttempt,)

    def __init__(self, database: Database) -> None:
        self._database = database

    def requestAvatarId(self, credentials: ApopAttempt) -> Deferred[Account]:
        return Deferred.fromCoroutine(self._check(credentials))

    async def _check(self, attempt: ApopAttempt) -> Account:
        known = await self._database.read(read_credentials, attempt.name)
        digest = attempt.digest.lower().encode()
        made_for_it = _with_secret(known, "pop3")
        for credential in made_for_it:
            expected = apop_digest(attempt.banner, credential.apop_secret or "").encode()
            if hmac.compare_digest(expected, digest):
                return _admit(known, credential, attempt.protocol)
        raise BadCredentials if made_for_it or known is None else NotMadeForApop


@implementer(ICredentialsChecker)
class PbChecker:
    """Checks Perspective Broker's responses, for the app passwords that were made for it.

    The challenge is answered with MD5, so that the secret itself must be here: it never is for an account's password.
    """

    credentialInterfaces = (IPbAttempt,)

    def __init__(self, database: Database) -> None:
        self._database = database

    def requestAvatarId(self, credentials: PbAttempt) -> Deferred[Account]:
        return Deferred.fromCoroutine(self._check(credentials))

    async def _check(self, attempt: PbAttempt) -> Account:
        known = await self._database.read(read_credentials, attempt.name)
        made_for_it = _with_secret(known, attempt.protocol)
        for credential in made_for_it:
            if hmac.compare_digest(pb_response(attempt.challenge, credential.apop_secret or ""), attempt.response):
                return _admit(known, credential, attempt.protocol)
        raise BadCredentials if made_for_it or known is None else NotMadeForPb


def _with_secret(known: Known | None, protocol: str) -> list[Credential]:
    """The app passwords whose secret itself is kept, and that are good for the protocol."""
    if known is None:
        return []
    return [each for each in known.app_passwords if each.apop_secret is not None and each.good_for(protocol)]


@implementer(ICredentialsChecker)
class KeyChecker:
    """Checks signatures by SSH keys."""

    credentialInterfaces = (IKeyAttempt,)

    def __init__(self, database: Database) -> None:
        self._database = database

    def requestAvatarId(self, credentials: KeyAttempt) -> Deferred[Account]:
        return Deferred.fromCoroutine(self._check(credentials))

    async def _check(self, attempt: KeyAttempt) -> Account:
        owner = await self._database.read(find_key, attempt.name, attempt.blob)
        if owner is None:
            raise UnknownKey
        if not signature_fits(attempt.blob, attempt.algorithm, attempt.signature, attempt.signed):
            raise BadCredentials
        if not owner.account.enabled:
            raise AccountDisabled
        await self._database.transact(note_use, owner.key_id)
        return owner.account


def _fitting_app_password(known: Known | None, typed: str) -> Credential | None:
    digest = secret_digest(typed)
    if digest is None or known is None:
        return None
    for credential in known.app_passwords:
        if hmac.compare_digest(credential.password_hash, digest):
            return credential
    return None


def _admit(known: Known | None, credential: Credential, protocol: str) -> Account:
    """The account, now that the proof was right."""
    assert known is not None  # there was a credential
    if not credential.good_for(protocol):
        raise WrongProtocol
    if not known.account.enabled:
        raise AccountDisabled
    return known.account
