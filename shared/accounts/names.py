"""Names: what an account may be called, and what people type to sign in."""

from __future__ import annotations

import re
from dataclasses import dataclass

import idna

from shared.accounts.errors import UnusableName
from shared.accounts.saslprep import Prohibited, saslprep

# A dot-atom (RFC 5322 §3.2.3) without `+`, which separates address and folder, nor anything a shell, a URL or a
# newsgroup name would need quoted. 64 octets: RFC 5321 §4.5.3.1.1.
_ACCOUNT_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]|\.(?!\.)){0,63}(?<!\.)")

# Local part, "@" and domain: RFC 5321 §4.5.3.1.1 and §4.5.3.1.2.
_LONGEST_TYPED = 64 + 1 + 255


@dataclass(frozen=True, slots=True)
class SignInName:
    """What somebody signs in as: the account's name, and the domain if they typed their whole address."""

    account: str
    domain: str | None = None


def check_account_name(name: str) -> str:
    """`name` in lower case if an account may have it; raises UnusableName.

    Up to 64 of a-z, 0-9, `.`, `_` and `-`, starting with a letter or digit, with single dots inside.
    """
    lowered = name.lower()
    if not name.isascii() or not _ACCOUNT_NAME.fullmatch(lowered):
        raise UnusableName(name)
    return lowered


def parse_sign_in_name(typed: str) -> SignInName | None:
    """`alice` or `alice@example.org` as typed, whatever its case; None if no account can be meant.

    The account need not exist: only the database knows.
    """
    if not 0 < len(typed) <= _LONGEST_TYPED:
        return None
    try:
        prepared = saslprep(typed.strip(), stored=False).lower()
    except Prohibited:
        return None
    account, at, domain = prepared.partition("@")
    if not account:
        return None
    if not at:
        return SignInName(account)
    encoded = _domain_as_stored(domain)
    return None if encoded is None else SignInName(account, encoded)


def _domain_as_stored(domain: str) -> str | None:
    if domain.isascii():
        return domain or None
    try:
        return idna.encode(domain, uts46=True).decode()  # A-labels (RFC 5891): what the table of domains holds
    except idna.IDNAError:
        return None
