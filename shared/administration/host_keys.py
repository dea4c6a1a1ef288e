"""The server's own SSH keys: made once, and kept in the store for every copy of the service, sealed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from twisted.conch.ssh.keys import Key

from shared.accounts.ssh_keys.public_key import fingerprint_of
from shared.administration.errors import HostKeysSealed
from shared.database.transaction import Transaction
from shared.runtime.stack_key import SealBroken, StackKey

PURPOSE = "ssh host key"
RSA_BITS = 3072  # 128 bits of security (SP 800-57 part 1 §5.6.1.1)
_MAKE: Mapping[str, Callable[[], object]] = {
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "rsa": lambda: rsa.generate_private_key(65_537, RSA_BITS),
    "ecdsa": lambda: ec.generate_private_key(ec.SECP256R1()),
}
KINDS = tuple(_MAKE)
_SSHFP_ALGORITHMS = {"rsa": 1, "ecdsa": 3, "ed25519": 4}  # RFC 4255, RFC 6594, RFC 7479
_SSHFP_SHA256 = 2  # RFC 6594


class HostKey(NamedTuple):
    """One key of the server, without its private half. `blob`: RFC 4253 §6.6."""

    kind: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """As `ssh-keygen -l` shows it."""
        return fingerprint_of(self.blob)

    @property
    def sshfp(self) -> str:
        """The data of its SSHFP record in DNS (RFC 4255 §3.1)."""
        return f"{_SSHFP_ALGORITHMS[self.kind]} {_SSHFP_SHA256} {hashlib.sha256(self.blob).hexdigest()}"


class NewHostKey(NamedTuple):
    """One that was made just now, sealed."""

    kind: str
    blob: bytes
    sealed: bytes


def list_all(tx: Transaction) -> Sequence[HostKey]:
    """Those in the store, in the order of KINDS."""
    found = [HostKey(kind, bytes(blob)) for kind, blob in tx.rows("SELECT kind, blob FROM ssh_host_key")]
    return sorted(found, key=lambda each: KINDS.index(each.kind))


def missing(tx: Transaction) -> Sequence[str]:
    """The kinds that are not in the store yet."""
    there = {kind for (kind,) in tx.rows("SELECT kind FROM ssh_host_key")}
    return [kind for kind in KINDS if kind not in there]


def make(kinds: Sequence[str], stack_key: StackKey) -> Sequence[NewHostKey]:
    """New keys of these kinds. That of an RSA key takes half a second of a processor, usually."""
    made = []
    for kind in kinds:
        private: ed25519.Ed25519PrivateKey = _MAKE[kind]()  # type: ignore[assignment]  # or one of the two others
        text = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
        )
        made.append(NewHostKey(kind, Key.fromString(text).blob(), stack_key.seal(text, PURPOSE)))
    return made


def keep(tx: Transaction, made: Sequence[NewHostKey]) -> Sequence[str]:
    """Keep them, each unless one of its kind has come meanwhile; returns the kinds that were kept."""
    return [
        key.kind
        for key in made
        if tx.execute(
            "INSERT INTO ssh_host_key (kind, blob, sealed) VALUES (%s, %s, %s) ON CONFLICT (kind) DO NOTHING", key
        )
    ]


def open_all(tx: Transaction, stack_key: StackKey) -> Sequence[bytes]:
    """The private keys, in OpenSSH's format. Raises HostKeysSealed."""
    try:
        return [
            stack_key.open(bytes(sealed), PURPOSE)
            for (sealed,) in tx.rows("SELECT sealed FROM ssh_host_key ORDER BY kind")
        ]
    except SealBroken:
        raise HostKeysSealed from None
