"""Certificates that tests begin with: each its own authority."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from twisted.internet.ssl import CertificateOptions, PrivateCertificate


@dataclass(frozen=True, slots=True)
class SelfSigned:
    """Both as PEM."""

    certificate: bytes
    key: bytes


def self_signed(name: str, *, lasts: timedelta = timedelta(days=1)) -> SelfSigned:
    """For a host's name or address, good from two months ago until `lasts` from now."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + lasts)
        .add_extension(x509.SubjectAlternativeName([_alternative(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return SelfSigned(certificate.public_bytes(Encoding.PEM), _pem(key))


def another_key() -> bytes:
    """One that no certificate belongs to."""
    return _pem(ec.generate_private_key(ec.SECP256R1()))


@functools.cache
def server_options() -> CertificateOptions:
    """What `startTLS` takes; made once for all tests of a process."""
    made = self_signed("localhost")
    options: CertificateOptions = PrivateCertificate.loadPEM(made.certificate + made.key).options()
    return options


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
