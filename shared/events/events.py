"""What happened, as names and a position; who wants to know more asks the store."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FolderChanged:
    """Something in the folder is new, different or gone since the modseq before this one."""

    folder_id: int
    modseq: int


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """Password, role, addresses, enabled or there at all: drop what you remember of it."""

    account_id: int


@dataclass(frozen=True, slots=True)
class DomainsChanged:
    """Mail is kept for a domain more or fewer: forget who could not be found."""


@dataclass(frozen=True, slots=True)
class AccessChanged:
    """The proxy's rules, or an account's limits there, are others since the revision before this one."""

    revision: int
