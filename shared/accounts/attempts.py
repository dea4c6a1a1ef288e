"""Attempts to sign in: the credentials of `twisted.cred`, one kind for each way to sign in."""

from __future__ import annotations

from dataclasses import dataclass, field

from twisted.cred.credentials import ICredentials
from zope.interface import implementer

from shared.accounts.names import SignInName
from shared.accounts.scram import ScramVerifier


class IPasswordAttempt(ICredentials):
    """A name with the password itself."""


class IScramAttempt(ICredentials):
    """A name with a proof by SCRAM-SHA-256 (RFC 7677)."""


class IApopAttempt(ICredentials):
    """A name with POP3's digest (RFC 1939 §7)."""


class IPbAttempt(ICredentials):
    """A name with the response to a challenge of Perspective Broker."""


class IKeyAttempt(ICredentials):
    """A name with a signature by an SSH key (RFC 4252 §7)."""


@implementer(IPasswordAttempt)
@dataclass(frozen=True, slots=True)
class PasswordAttempt:
    """`source` is the network it comes from, `protocol` the door. `main_only`: no app password will do."""

    name: SignInName
    password: str = field(repr=False)
    protocol: str
    source: str
    main_only: bool = False


@implementer(IScramAttempt)
@dataclass(frozen=True, slots=True)
class ScramAttempt:
    """`offered` is the verifier whose salt the client was shown."""

    name: SignInName
    offered: ScramVerifier = field(repr=False)
    auth_message: bytes = field(repr=False)
    proof: bytes = field(repr=False)
    protocol: str
    source: str


@implementer(IApopAttempt)
@dataclass(frozen=True, slots=True)
class ApopAttempt:
    """`banner` is the timestamp of the greeting, with its angle brackets."""

    name: SignInName
    banner: str
    digest: str = field(repr=False)
    protocol: str
    source: str


@implementer(IPbAttempt)
@dataclass(frozen=True, slots=True)
class PbAttempt:
    """`response` is what `app_password.pb_response` makes of the challenge and the secret."""

    name: SignInName
    challenge: bytes
    response: bytes = field(repr=False)
    protocol: str
    source: str


@implementer(IKeyAttempt)
@dataclass(frozen=True, slots=True)
class KeyAttempt:
    """`signature` is the key's over `signed`, by `algorithm`."""

    name: SignInName
    blob: bytes = field(repr=False)
    algorithm: str
    signature: bytes = field(repr=False)
    signed: bytes = field(repr=False)


Attempt = PasswordAttempt | ScramAttempt | ApopAttempt | PbAttempt | KeyAttempt
