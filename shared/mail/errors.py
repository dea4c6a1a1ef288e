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


class ForwardExists(DomainError):
    """The address leads to that address already."""


class ForwardNotFound(DomainError):
    """The address does not lead to that address."""


class TooManyForwards(DomainError):
    """The address leads to as many addresses elsewhere as it may; the message is their number."""


class TargetIsLocal(DomainError):
    """What an address should lead to, which is the message, is kept here: accounts are named by their names."""


class ForwardsLeadThere(DomainError):
    """Addresses here, of which the message is one, lead to that domain, which should be kept here."""


class ReturnAddressForged(DomainError):
    """A return address that was not made here."""


class ReturnAddressExpired(DomainError):
    """A return address that was made here, too long ago."""


class ReportsOnly(DomainError):
    """A return address takes what has no sender: bounces, and nothing else."""


class MaildropInUse(DomainError):
    """Another POP3 session holds the maildrop (RFC 1939 §4)."""

    temporary = True
