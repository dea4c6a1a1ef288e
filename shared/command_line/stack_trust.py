"""The certificates that a client of a local stack trusts: those of its own authority, or the one it was given."""

from __future__ import annotations

import ssl

from shared.runtime.settings import ServiceSettings


def trust_stack(settings: ServiceSettings) -> ssl.SSLContext:
    """The stack's own certificate need not be by an authority that this machine knows, nor for its loopback address."""
    certificate = settings.certificate_file or settings.certificate_directory / "authority.pem"
    context = ssl.create_default_context(cafile=str(certificate))
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.check_hostname = certificate.name == "authority.pem"
    return context
