"""Lock-outs: accounts and networks with too many wrong passwords, and their end."""

from __future__ import annotations

from shared.accounts.clear_lockout import clear_lockout
from shared.accounts.list_lockouts import Lockout, list_lockouts
from shared.accounts.names import parse_sign_in_name
from shared.accounts.tallies import Tallies
from shared.administration.errors import NotASignInName

__all__ = ["Lockout", "list_lockouts"]


async def unlock(tallies: Tallies, name: str | None = None, host: str | None = None) -> int:
    """Forget the failures of an account, of an address, of both together, or (with neither) all of them.

    Returns how many lock-outs ended. Raises NotASignInName, TalliesAway.
    """
    meant = None if name is None else parse_sign_in_name(name)
    if name is not None and meant is None:
        raise NotASignInName(name)
    return await clear_lockout(tallies, account=None if meant is None else meant.account, host=host)
