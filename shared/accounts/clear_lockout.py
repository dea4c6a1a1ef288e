"""End lock-outs."""

from __future__ import annotations

from shared.accounts.lockout_keys import FAMILIAR, LOCK, PREFIX, LockoutPlace, place_of
from shared.accounts.tallies import Tallies
from shared.ip_network import network_of


async def clear_lockout(tallies: Tallies, *, account: str | None = None, host: str | None = None) -> int:
    """Forget the failures of an account everywhere, of an address with all accounts, or of both together.

    With neither, all failures are forgotten. Returns how many locks that ended. A process that cannot reach Redis has
    counts of its own, which end by themselves within the hour. Raises TalliesAway.
    """
    network = None if host is None else network_of(host)
    forgotten, locks = [], 0
    for key in await tallies.find(PREFIX):
        kind, place = place_of(key)
        if kind != FAMILIAR and _is_meant(place, account, network):
            forgotten.append(key)
            locks += kind == LOCK
    if forgotten:
        await tallies.remove(forgotten)
    return locks


def _is_meant(place: LockoutPlace, account: str | None, network: str | None) -> bool:
    if network is not None and place.network != network:
        return False
    return account is None or place.account.partition("|")[0] == account.lower()  # a turn has its number behind it
