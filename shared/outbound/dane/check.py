"""Whether the certificates that a server shows are those that DNS has records of (RFC 7672 §3)."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography import x509
from OpenSSL import crypto

from shared.outbound.dane.tlsa import AUTHORITY, SERVER, TlsaRecord


def is_published(chain: Sequence[x509.Certificate], records: Sequence[TlsaRecord]) -> bool:
    """Whether the server's own certificate is one of the records', whatever its name and time (§3.1.1)."""
    return any(record.usage == SERVER and record.matches(chain[0]) for record in records)


def is_by_published_authority(chain: Sequence[x509.Certificate], records: Sequence[TlsaRecord]) -> bool:
    """Whether an authority in `chain` is one of the records', and vouches for the server's (§3.1.2).

    For which name must be looked at besides.
    """
    authorities = [
        each for each in chain if any(record.usage == AUTHORITY and record.matches(each) for record in records)
    ]
    return any(_leads_to(chain, authority) for authority in authorities)


def _leads_to(chain: Sequence[x509.Certificate], authority: x509.Certificate) -> bool:
    store = crypto.X509Store()
    store.add_cert(crypto.X509.from_cryptography(authority))
    store.set_flags(crypto.X509StoreFlags.PARTIAL_CHAIN)  # it need not be a root
    own, *others = map(crypto.X509.from_cryptography, chain)
    try:
        crypto.X509StoreContext(store, own, others).verify_certificate()
    except crypto.X509StoreContextError:
        return False
    return True
