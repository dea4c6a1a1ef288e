"""What the sender of a message wants of TLS on its way (RFC 8689)."""

from __future__ import annotations

from enum import StrEnum


class TlsWish(StrEnum):
    """As the queue keeps it."""

    USUAL = ""  # what the recipient's domain asks for
    REQUIRED = "required"  # REQUIRETLS: nowhere without TLS that is checked, and no further
    WAIVED = "waived"  # `TLS-Required: No`: that it arrives is worth more than who reads it
