"""The development authority: a certificate authority of this machine's own, so that every door has TLS from the start.

Processes that start at the same moment agree by a lock: one makes the files, the others find them.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_LIFE = timedelta(days=3650)
CERTIFICATE_LIFE = timedelta(days=397)  # the longest that browsers and Apple Mail accept
RENEWAL_BEFORE_END = timedelta(days=30)
CLOCK_DIFFERENCE = timedelta(hours=1)  # a client's clock may be behind ours


@dataclass(frozen=True, slots=True)
class DevelopmentFiles:
    """The paths of the files; a client imports `authority` to trust the certificates."""

    authority: Path
    authority_key: Path
    certificate: Path
    key: Path


def ensure_certificate(directory: Path, hostname: str) -> DevelopmentFiles:
    """Make what is missing: the authority, and a certificate by it for `hostname` and this machine's own names.

    When it returns, the certificate is good for at least RENEWAL_BEFORE_END. Raises OSError.
    """
    directory.mkdir(parents=True, exist_ok=True)
    names = ("authority.pem", "authority-key.pem", "server.pem", "server-key.pem")
    files = DevelopmentFiles(*(directory / name for name in names))
    if _is_good(files, hostname):  # needs no lock, hence no permission to write
        return files
    with _locked(directory / ".lock"):
        if not (files.authority.exists() and files.authority_key.exists()):
            _make_authority(files)
        if not _is_good(files, hostname):
            _make_certificate(files, hostname)
    return files


def _is_good(files: DevelopmentFiles, hostname: str) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
        key = load_pem_private_key(files.key.read_bytes(), None)
        authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
        certificate.verify_directly_issued_by(authority)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, TypeError, x509.ExtensionNotFound):
        return False
    except Exception:  # InvalidSignature has no better base: another authority has made it
        return False
    remaining = certificate.not_valid_after_utc - datetime.now(UTC)
    same_key = key.public_key() == certificate.public_key()
    return same_key and remaining > RENEWAL_BEFORE_END and all(name in names for name in _names(hostname))


def _make_authority(files: DevelopmentFiles) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Agora development {secrets.token_hex(4)}")])
    builder = _builder(name, name, key.public_key(), AUTHORITY_LIFE)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_key_usage(signs_certificates=True), critical=True)
    _write(files.authority_key, _key_bytes(key), 0o600)
    _write(files.authority, builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM), 0o644)


def _make_certificate(files: DevelopmentFiles, hostname: str) -> None:
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    authority_key = load_pem_private_key(files.authority_key.read_bytes(), None)
    assert isinstance(authority_key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hostname[:64])])  # X.520's upper bound
    builder = _builder(name, authority.subject, key.public_key(), CERTIFICATE_LIFE)
    builder = builder.add_extension(x509.SubjectAlternativeName(_names(hostname)), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_key_usage(signs_certificates=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    certificate = builder.add_extension(issuer, critical=False).sign(authority_key, hashes.SHA256())
    _write(files.key, _key_bytes(key), 0o600)
    _write(files.certificate, certificate.public_bytes(Encoding.PEM) + authority.public_bytes(Encoding.PEM), 0o644)


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey, life: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_DIFFERENCE)
        .not_valid_after(now - CLOCK_DIFFERENCE + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _key_usage(signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _names(hostname: str) -> list[x509.GeneralName]:
    own: dict[str, None] = dict.fromkeys([hostname, "localhost", "127.0.0.1", "::1"])
    return [_name(each) for each in own]


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _key_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes, mode: int) -> None:
    """Put a whole file in place at once: a reader sees the old or the new one."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
