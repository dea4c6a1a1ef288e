"""The resolver of addresses for a whole process: it remembers for moments where mail for each goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from twisted.internet.defer import Deferred

from shared.bounded_cache import ENTRY_OCTETS, BoundedCache
from shared.database.database import Database
from shared.errors import DomainError
from shared.folders.errors import QuotaExceeded
from shared.mail.address import Address, address_of
from shared.mail.errors import DomainNotLocal
from shared.mail.lookup import (
    BounceTarget,
    ConfirmationTarget,
    DecisionTarget,
    FolderTarget,
    ForwardTarget,
    MailTarget,
    OwnForwardTarget,
    RemoteTarget,
    RequestTarget,
    ReturnTarget,
    RobotTarget,
    RoomTarget,
    Targets,
    UnsubscribeTarget,
    look_up,
)

__all__ = [
    "BounceTarget",
    "ConfirmationTarget",
    "DecisionTarget",
    "FolderTarget",
    "ForwardTarget",
    "MailTarget",
    "OwnForwardTarget",
    "RemoteTarget",
    "RequestTarget",
    "Resolver",
    "ReturnTarget",
    "RobotTarget",
    "RoomTarget",
    "Targets",
    "UnsubscribeTarget",
]

REMEMBERED_FOR = timedelta(seconds=10)  # how late a change is heeded while Redis is away
# An address that does not exist is looked up again sooner: a sender that is refused gives up for good, and the address
# may be added at any moment, even while Redis is away. A query a second for one address costs nothing.
NOT_FOUND_REMEMBERED_FOR = timedelta(seconds=1)
REMEMBERED_OCTETS = 16 << 20  # some 15,000 addresses
MOST_IN_A_QUERY = 256
DOMAINS_OCTETS = 1 << 20  # some 4,000 domains elsewhere
ADDRESSES_OCTETS = 2 << 20  # some 3,000 mailboxes, as they came, whose spelling need not be made anew

_Outcome = Targets | DomainError


@dataclass(frozen=True, slots=True)
class _NotAnswered:
    """The query failed; all callers that wait for it raise this."""

    error: Exception


_Answer = Deferred[_Outcome | _NotAnswered]


class _Remembered(NamedTuple):
    address: Address
    outcome: _Outcome
    until: float


def _weight(remembered: _Remembered) -> int:
    """An address is four texts, a target four numbers."""
    _, outcome, _ = remembered
    targets = len(outcome) if isinstance(outcome, tuple) else 0
    return ENTRY_OCTETS * (1 + targets) + _address_weight(remembered.address)


def _address_weight(address: Address) -> int:
    return ENTRY_OCTETS + 4 * (ENTRY_OCTETS // 4 + len(address.local_part))


def _no_answers() -> BoundedCache[Address, _Remembered]:
    return BoundedCache(REMEMBERED_OCTETS, _weight)


def _no_domains() -> BoundedCache[str, _Remembered]:
    """Domains that are elsewhere: the answer for an address there is that for all."""
    return BoundedCache(DOMAINS_OCTETS, _weight)


class Resolver:
    """Answers from its cache, or by one query for all addresses that were asked for during the query before."""

    def __init__(
        self,
        database: Database,
        default_domain: str,
        *,
        literals: Iterable[str] = (),
        robots: Collection[str] = (),
        remembered_for: timedelta = REMEMBERED_FOR,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """`default_domain` is bare postmaster's, and that of `literals`: the host's own, as "[192.0.2.1]". `robots`:
        those that a setting has put on.

        Call forget() whenever an account or the domains change.
        """
        self._database = database
        self._literals = frozenset(literals)
        self._robots = tuple(robots)
        self._default_domain = default_domain
        self._addresses: BoundedCache[tuple[str, str], Address] = BoundedCache(ADDRESSES_OCTETS, _address_weight)
        self._remembered_for = remembered_for.total_seconds()
        self._seconds = seconds
        self._remembered = _no_answers()
        self._elsewhere = _no_domains()
        self._asked: dict[Address, list[_Answer]] = {}  # not asked for yet
        self._under_way: dict[Address, list[_Answer]] = {}  # in the query that is
        self._asking = False

    async def resolve(self, local_part: str, domain: str, size_octets: int = 1) -> Targets:
        """Where mail for this mailbox goes: one target or more, each with room for a message of that size.

        `local_part` is without quotes; `domain` may be "" for postmaster.

        Raises BadAddress, DomainNotLocal, AddressNotFound, RecipientDisabled, StoreUnavailable, and QuotaExceeded when
        there is no room: a sender who is told so for one recipient can still reach the others.
        """
        asked = self._ask(local_part, domain)
        self._begin_asking()
        outcome = _with_room(await _answered(asked) if isinstance(asked, Deferred) else asked, size_octets)
        if isinstance(outcome, DomainError):
            raise outcome
        return outcome

    async def resolve_all(self, mailboxes: Iterable[tuple[str, str]], size_octets: int = 1) -> Sequence[_Outcome]:
        """The same for several, in their order, with errors in place of targets; StoreUnavailable is raised."""
        outcomes = [self._ask(local_part, domain) for local_part, domain in mailboxes]
        self._begin_asking()
        answered = [await _answered(outcome) if isinstance(outcome, Deferred) else outcome for outcome in outcomes]
        return [_with_room(outcome, size_octets) for outcome in answered]

    def forget(self) -> None:
        """Ask the store again: an account or a domain has changed.

        It forgets everything: an address that did not exist may exist now, and a cached refusal names no account.
        """
        self._under_way = {}
        self._remembered = _no_answers()
        self._elsewhere = _no_domains()

    def forget_one(self, local_part: str, domain: str) -> None:
        """Ask the store again for this mailbox: it has less room than was thought."""
        with suppress(DomainError):
            self._remembered.drop(self._address(local_part, domain))

    def _begin_asking(self) -> None:
        if self._asked and not self._asking:
            self._asking = True
            Deferred.fromCoroutine(self._answer())

    def _ask(self, local_part: str, domain: str) -> _Outcome | _Answer:
        try:
            address = self._address(local_part, domain)
        except DomainError as error:
            return error
        remembered = self._remembered.get(address)
        if remembered is not None:
            if self._seconds() < remembered.until:
                return remembered.outcome
            self._remembered.drop(address)
        elsewhere = self._elsewhere.get(address.domain)
        if elsewhere is not None:
            if self._seconds() < elsewhere.until:
                return elsewhere.outcome
            self._elsewhere.drop(address.domain)
        answer: _Answer = Deferred()
        waiting = self._under_way.get(address)
        if waiting is None:
            waiting = self._asked.setdefault(address, [])
        waiting.append(answer)
        return answer

    def _address(self, local_part: str, domain: str) -> Address:
        """The mailbox as it is looked up. Raises BadAddress."""
        came = local_part, domain
        address = self._addresses.get(came)
        if address is None:
            address = address_of(local_part, domain, self._default_domain)
            if address.domain in self._literals:
                address = address._replace(domain=self._default_domain)
            self._addresses.put(came, address)
        return address

    async def _answer(self) -> None:
        """Query until no address is waiting."""
        while self._asked:
            addresses = list(self._asked)[:MOST_IN_A_QUERY]
            asked = self._under_way = {address: self._asked.pop(address) for address in addresses}
            answers: Sequence[_Outcome | _NotAnswered]
            try:
                outcomes = await self._database.read(look_up, addresses, self._robots)
                answers = outcomes
                if asked is self._under_way:  # nothing was forgotten meanwhile
                    self._remember(addresses, outcomes)
            except Exception as error:
                answers = [_NotAnswered(error)] * len(addresses)
            self._under_way = {}
            for waiting, answer in zip(asked.values(), answers, strict=True):
                for each in waiting:
                    each.callback(answer)
        self._asking = False

    def _remember(self, addresses: Sequence[Address], outcomes: Sequence[_Outcome]) -> None:
        now = self._seconds()
        until, not_found_until = now + self._remembered_for, now + NOT_FOUND_REMEMBERED_FOR.total_seconds()
        for address, outcome in zip(addresses, outcomes, strict=True):
            if isinstance(outcome, DomainNotLocal):
                self._elsewhere.put(address.domain, _Remembered(address, outcome, not_found_until))
                continue
            not_found = isinstance(outcome, DomainError)
            self._remembered.put(address, _Remembered(address, outcome, not_found_until if not_found else until))


async def _answered(answer: _Answer) -> _Outcome:
    outcome = await answer
    if isinstance(outcome, _NotAnswered):
        raise outcome.error
    return outcome


def _with_room(outcome: _Outcome, size_octets: int) -> _Outcome:
    if isinstance(outcome, DomainError):
        return outcome
    if all(each.room_octets is None for each in outcome):
        return outcome
    targets = tuple(each for each in outcome if each.room_octets is None or each.room_octets >= size_octets)
    return targets or QuotaExceeded()
