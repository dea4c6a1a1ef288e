"""The keys of a domain: made with it, sealed in the store, opened by those who sign."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from shared.database.transaction import Transaction
from shared.runtime.stack_key import StackKey

PURPOSE = "dkim key"
RSA, ED25519 = "rsa-sha256", "ed25519-sha256"
RSA_BITS = 2048  # RFC 8301 §3.2; a record of 4096 does not fit what many DNS services take
PrivateKey = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


class DomainKey(NamedTuple):
    """A key without its private half."""

    domain: str
    selector: str
    algorithm: str
    public: str

    @property
    def record(self) -> str:
        """The text of its TXT record (RFC 6376 §3.6.1, RFC 8463 §4)."""
        return f"v=DKIM1; k={self.algorithm.partition('-')[0]}; p={self.public}"

    @property
    def record_name(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"


class NewDomainKey(NamedTuple):
    """A key that was made just now, sealed; of any domain."""

    selector: str
    algorithm: str
    public: str
    sealed: bytes


class OpenDomainKey(NamedTuple):
    """A key that is open."""

    domain: str
    selector: str
    algorithm: str
    private: PrivateKey


def make_keys(stack_key: StackKey, now: datetime) -> Sequence[NewDomainKey]:
    """One of each algorithm: not every server knows the second. That of RSA takes 0.1 s of a processor, usually."""
    pair: Sequence[tuple[str, PrivateKey]] = (
        (RSA, rsa.generate_private_key(65_537, RSA_BITS)),
        (ED25519, ed25519.Ed25519PrivateKey.generate()),
    )
    made = []
    for algorithm, private in pair:
        text = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        selector = f"{now:%Y%m%d}-{algorithm.partition('-')[0]}"
        made.append(NewDomainKey(selector, algorithm, public_text(private), stack_key.seal(text, PURPOSE)))
    return made


def public_text(private: PrivateKey) -> str:
    """Base64 of the public half: SubjectPublicKeyInfo of RSA, the 32 octets of Ed25519."""
    if isinstance(private, rsa.RSAPrivateKey):
        octets = private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    else:
        octets = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return base64.b64encode(octets).decode()


def keep_keys(tx: Transaction, domain: str, made: Sequence[NewDomainKey]) -> Sequence[DomainKey]:
    """Keep them for `domain`, unless it has keys already; those that it has then."""
    tx.execute("SELECT FROM domain WHERE name = %s FOR NO KEY UPDATE", (domain,))  # two at once make one set
    found = keys_of(tx, domain)
    if found:
        return found
    for key in made:
        tx.execute(
            "INSERT INTO domain_key (domain, selector, algorithm, public, sealed) VALUES (%s, %s, %s, %s, %s)",
            (domain, *key),
        )
    return keys_of(tx, domain)


def keys_of(tx: Transaction, domain: str) -> Sequence[DomainKey]:
    """Those of `domain`, the RSA key first."""
    rows = tx.rows(
        "SELECT domain, selector, algorithm, public FROM domain_key WHERE domain = %s"
        " ORDER BY algorithm DESC, selector",
        (domain,),
    )
    return [DomainKey(*row) for row in rows]


def domains_without_keys(tx: Transaction) -> Sequence[str]:
    """The domains that mail is kept for, and that have none."""
    rows = tx.rows(
        "SELECT name FROM domain WHERE NOT EXISTS (SELECT FROM domain_key WHERE domain = name) ORDER BY name"
    )
    return [name for (name,) in rows]


def sealed_keys(tx: Transaction, domain: str) -> Sequence[tuple[str, str, bytes]]:
    """Selector, algorithm and sealed private key of each."""
    rows = tx.rows("SELECT selector, algorithm, sealed FROM domain_key WHERE domain = %s ORDER BY algorithm", (domain,))
    return [(selector, algorithm, bytes(sealed)) for selector, algorithm, sealed in rows]


def opened(domain: str, sealed: Sequence[tuple[str, str, bytes]], stack_key: StackKey) -> Sequence[OpenDomainKey]:
    """The private keys. Raises SealBroken."""
    keys = []
    for selector, algorithm, content in sealed:
        private = serialization.load_pem_private_key(stack_key.open(content, PURPOSE), None)
        assert isinstance(private, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey)
        keys.append(OpenDomainKey(domain, selector, algorithm, private))
    return keys
