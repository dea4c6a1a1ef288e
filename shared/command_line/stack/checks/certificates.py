"""The check of the certificate: whether mail programs will trust what the doors show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from shared.command_line.stack.checks.finding import Finding, fine, warning, wrong
from shared.runtime.settings import ServiceSettings

SUBJECT = "certificate"
SOON = timedelta(days=14)  # Let's Encrypt renews 30 days before the end: by then something went wrong


def check_certificates(settings: ServiceSettings) -> Sequence[Finding]:
    """The operator's certificate, else what is known of the development authority's."""
    if settings.certificate_file is None or settings.key_file is None:
        return [_development(settings.certificate_directory)]
    try:
        certificate = x509.load_pem_x509_certificate(settings.certificate_file.read_bytes())
        key = load_pem_private_key(settings.key_file.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        return [wrong(SUBJECT, f"cannot be read: {error}", "AGORA_CERTIFICATE_FILE and AGORA_KEY_FILE take PEM files.")]
    if key.public_key() != certificate.public_key():
        return [
            wrong(
                SUBJECT,
                "AGORA_KEY_FILE is not the key of AGORA_CERTIFICATE_FILE",
                "Use the two files that were issued together.",
            )
        ]
    return [_dates(certificate), _names(certificate, settings.hostname)]


def _development(directory: Path) -> Finding:
    authority = directory / "authority.pem"
    return warning(
        SUBJECT,
        "made by this machine's own development authority",
        f"Good for trying things out: programs trust it after importing {authority}. "
        "To serve others, set AGORA_CERTIFICATE_FILE and AGORA_KEY_FILE.",
    )


def _dates(certificate: x509.Certificate) -> Finding:
    now, end = datetime.now(UTC), certificate.not_valid_after_utc
    if not certificate.not_valid_before_utc <= now <= end:
        return wrong(SUBJECT, f"not valid today; it ended on {end:%Y-%m-%d}", "Renew it; no restart is needed.")
    if end - now < SOON:
        return warning(SUBJECT, f"ends in {(end - now).days} days", "Find out why it is not renewed by itself.")
    return fine(SUBJECT, f"valid until {end:%Y-%m-%d}")


def _names(certificate: x509.Certificate, hostname: str) -> Finding:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        own = names.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        own = []
    parent = hostname.partition(".")[2]
    if hostname in own or f"*.{parent}" in own:
        return fine(SUBJECT, f"is for {hostname}")
    return wrong(
        SUBJECT,
        f"is for {', '.join(own) or 'no host'}, not for {hostname}",
        "Set AGORA_HOSTNAME to the name that mail programs connect to, or get a certificate for it.",
    )
