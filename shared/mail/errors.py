"""The errors of addresses, and of mail for them."""

from __future__ import annotations

from shared.errors import DomainError


class BadAddress(DomainError):
    """Not an address: RFC 5321 §4.1.2."""


class DomainNotLocal(DomainError):
    """Mail for this domain is not kept here."""


class AddressNotFound(DomainError):
    """The domain is ours; nobody here has this address."""


class RecipientDisabled(DomainError):
    """The account that has this address is disabled, and receives nothing."""


class AddressExists(DomainError):
    """The address leads to that account already."""


class DomainInUse(DomainError):
    """There are addresses in the domain."""


class MaildropInUse(DomainError):
    """Another POP3 session holds the maildrop (RFC 1939 §4)."""

    temporary = True
