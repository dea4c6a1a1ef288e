"""Lock-out: a client that guesses passwords is stopped; the account's owner goes on signing in.

Three things are counted, over all doors and processes (docs/decisions/0002-lock-out.md):

- failures of one account from one network: that pair is locked;
- failures of one network, whatever the account: it is locked for accounts that never signed in from there;
- failures of one account from networks that it never signed in from: strangers then try one at a time, a few seconds
  apart; the owner's usual places notice nothing.

Locks grow from a minute to an hour. An attempt that a lock refused is not counted, so that no lock outlives the
guessing.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from twisted.internet.task import deferLater
from twisted.logger import Logger

from shared.accounts.errors import LockedOut
from shared.accounts.lockout_keys import FAILURES, FAMILIAR, LEVEL, LOCK, STRANGERS, TURN, LockoutPlace
from shared.accounts.tallies import MemoryTallies, Tallies, TalliesAway
from shared.clock import Clock
from shared.ip_network import Network, is_in_one_of, network_of

_log = Logger()
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LockOutRules:
    """The numbers of failures at which lock-out begins, and how long it lasts."""

    window: timedelta = timedelta(minutes=10)  # failures further apart than this are forgotten
    failures_per_pair: int = 10  # a person with three passwords in mind, each typed in three ways
    failures_per_network: int = 20  # two such persons behind one address translator
    failures_from_strangers: int = 20  # more than one address has before it is locked
    shortest_lock: timedelta = timedelta(minutes=1)  # each further lock lasts twice as long ...
    longest_lock: timedelta = timedelta(hours=1)  # ... up to 240 guesses a day
    levels_remembered: timedelta = _DAY
    familiar_for: timedelta = timedelta(days=30)
    turn: timedelta = timedelta(seconds=5)  # 17,280 guesses a day by all strangers together
    most_turns_waited: int = 2  # mail programs wait longer than 10 s for an answer


@dataclass(frozen=True, slots=True)
class Asker:
    """What lock-out knows of one attempt to sign in; to be handed back with its outcome."""

    account: str
    network: str
    trusted: bool = False
    blemished: bool = False  # there are failures to forget after a success
    familiar_since: int | None = None

    @property
    def pair(self) -> LockoutPlace:
        return LockoutPlace(self.network, self.account)


class LockOut:
    """Asked before every attempt, told its outcome.

    The counts are in `shared` (Redis) and, beside them, in this process, which goes on with its own while Redis is
    away. Nobody in a `trusted` network is ever counted or locked.
    """

    def __init__(
        self,
        clock: Clock,
        shared: Tallies | None,
        trusted: Sequence[Network] = (),
        rules: LockOutRules | None = None,
    ) -> None:
        self._clock = clock
        self._shared = shared
        self._own: Tallies = MemoryTallies(clock)
        self._trusted = trusted
        self._rules = rules or LockOutRules()

    async def admit(self, account: str, host: str) -> Asker:
        """Whether `account` may be tried from `host` now; may take a few seconds to return. Raises LockedOut.

        `account` is empty when what was typed cannot be one: then only the network counts.
        """
        network = network_of(host)
        if is_in_one_of(self._trusted, host):
            return Asker(account, network, trusted=True)
        if self._shared is not None:
            with suppress(TalliesAway):
                return await self._admit(self._shared, account, network)
        return await self._admit(self._own, account, network)

    async def failed(self, asker: Asker, repeated: bool = False) -> None:
        """Count a failure. `repeated`: the same wrong password as minutes ago, so some program's, not a new guess."""
        if asker.trusted:
            return
        await self._count(self._own, asker, repeated)
        if self._shared is not None:
            with suppress(TalliesAway):
                await self._count(self._shared, asker, repeated)

    async def succeeded(self, asker: Asker) -> None:
        """Forget the failures of this account from this network, and remember that it belongs there."""
        now = int(self._clock.seconds())
        fresh = asker.familiar_since is not None and now - asker.familiar_since < _DAY.total_seconds()
        if asker.trusted or (fresh and not asker.blemished):
            return
        await self._clear(self._own, asker, now)
        if self._shared is not None:
            with suppress(TalliesAway):
                await self._clear(self._shared, asker, now)

    async def _admit(self, tallies: Tallies, account: str, network: str) -> Asker:
        pair, everybody, owner = LockoutPlace(network, account), LockoutPlace(network), LockoutPlace(account=account)
        pair_lock, level, failures, familiar_since, network_lock, from_strangers = await tallies.read(
            [
                pair.key(LOCK),
                pair.key(LEVEL),
                pair.key(FAILURES),
                pair.key(FAMILIAR),
                everybody.key(LOCK),
                owner.key(STRANGERS),
            ]
        )
        self._refuse_while(pair_lock)
        if familiar_since is None:
            self._refuse_while(network_lock)
            if account and (from_strangers or 0) >= self._rules.failures_from_strangers:
                await self._wait_for_turn(tallies, owner)
        return Asker(
            account,
            network,
            blemished=level is not None or failures is not None,
            familiar_since=familiar_since,
        )

    def _refuse_while(self, lock_ends_ms: int | None) -> None:
        left = 0.0 if lock_ends_ms is None else lock_ends_ms / 1000 - self._clock.seconds()
        if left > 0:
            raise LockedOut(timedelta(seconds=left))

    async def _wait_for_turn(self, tallies: Tallies, owner: LockoutPlace) -> None:
        """Time is cut into turns; each belongs to the first attempt that claims it, in whatever process."""
        turn, now = self._rules.turn.total_seconds(), self._clock.seconds()
        current = int(now // turn)
        for number in range(current, current + self._rules.most_turns_waited + 1):
            keep = self._rules.turn * (self._rules.most_turns_waited + 2)  # until nobody can ask for it any more
            if await tallies.claim(f"{owner.key(TURN)}|{number}", keep):
                if number > current:
                    await deferLater(cast(Any, self._clock), number * turn - now)
                return
        raise LockedOut(self._rules.turn * (self._rules.most_turns_waited + 1))

    async def _count(self, tallies: Tallies, asker: Asker, repeated: bool) -> None:
        if asker.account:
            await self._count_at(tallies, asker.pair, self._rules.failures_per_pair)
        if repeated:
            return
        await self._count_at(tallies, LockoutPlace(asker.network), self._rules.failures_per_network)
        if asker.account and asker.familiar_since is None:
            await tallies.increment(LockoutPlace(account=asker.account).key(STRANGERS), self._rules.window)

    async def _count_at(self, tallies: Tallies, place: LockoutPlace, most: int) -> None:
        if await tallies.increment(place.key(FAILURES), self._rules.window) < most:
            return
        await tallies.remove([place.key(FAILURES)])
        level = await tallies.increment(place.key(LEVEL), self._rules.levels_remembered)
        # 2**30 minutes are beyond any longest lock, and far from the largest timedelta
        lock = min(self._rules.shortest_lock * 2 ** min(level - 1, 30), self._rules.longest_lock)
        ends_ms = int((self._clock.seconds() + lock.total_seconds()) * 1000)
        await tallies.put(place.key(LOCK), ends_ms, lock)
        if tallies is self._own:  # once for both
            _log.warn("sign-in locked for {lock}: {network} {account}", lock=str(lock), **_shown(place))

    async def _clear(self, tallies: Tallies, asker: Asker, now: int) -> None:
        if asker.blemished:
            await tallies.remove([asker.pair.key(kind) for kind in (LOCK, LEVEL, FAILURES)])
        await tallies.put(asker.pair.key(FAMILIAR), now, self._rules.familiar_for)


def _shown(place: LockoutPlace) -> dict[str, str]:
    return {"network": place.network, "account": place.account or "every account"}
