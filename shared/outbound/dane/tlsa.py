"""TLSA records: what DNS says of a server's certificate (RFC 6698 §2, RFC 7672 §3)."""

from __future__ import annotations

import hashlib
import hmac
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

TLSA = 52  # the type of record
AUTHORITY, SERVER = 2, 3  # DANE-TA and DANE-EE; 0 and 1 are not for mail (RFC 7672 §3.1.3)
_WHOLE, _KEY = 0, 1
_DIGESTS = {1: hashlib.sha256, 2: hashlib.sha512}
_EXACT = 0


class TlsaRecord(NamedTuple):
    """One record: who is meant, what of the certificate, and how it is written."""

    usage: int
    selector: int
    matching: int
    content: bytes

    @property
    def is_usable(self) -> bool:
        return (
            self.usage in (AUTHORITY, SERVER)
            and self.selector in (_WHOLE, _KEY)
            and (self.matching == _EXACT or self.matching in _DIGESTS)
            and bool(self.content)
        )

    def matches(self, certificate: x509.Certificate) -> bool:
        """Whether it is about this certificate."""
        if self.selector == _KEY:
            found = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        else:
            found = certificate.public_bytes(Encoding.DER)
        digest = _DIGESTS.get(self.matching)
        return hmac.compare_digest(found if digest is None else digest(found).digest(), self.content)


def read_tlsa(octets: bytes) -> TlsaRecord | None:
    """A record as it comes; None where it is too short to be one."""
    return TlsaRecord(octets[0], octets[1], octets[2], octets[3:]) if len(octets) > 3 else None
