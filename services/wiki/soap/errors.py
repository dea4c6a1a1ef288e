"""The errors of SOAP itself; each is a fault with a code of its own (SOAP 1.1 §4.4.1, SOAP 1.2 part 1 §5.4.6)."""

from __future__ import annotations

from shared.errors import DomainError


class WrongVersion(DomainError):
    """The envelope is of no version of SOAP that is known here."""


class HeaderNotUnderstood(DomainError):
    """A header must be understood, and none is."""
