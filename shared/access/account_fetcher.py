"""A page of the web fetched for an account: by the rules and limits that the proxy has for it, counted in its usage.

Through the public network alone: addresses are judged after the name was looked up, those of redirects too
(shared/reach/fetch.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from shared.access.limits.allowance import Allowance
from shared.access.rulebook import Rulebook
from shared.access.usage.usage import Usage
from shared.errors import DomainError
from shared.ip_network import Network
from shared.reach.fetch import Fetched, Fetcher
from shared.reach.fetch_errors import AnswerTooLarge, FetchRefused
from shared.reach.names import Names
from shared.reach.system_resolver import SystemResolver
from shared.reach.web_address import parse_web_address

MOST_OCTETS = 5 << 20  # of a page, after decompression
WITHIN = timedelta(seconds=20)  # in all: names, connections, redirects, bodies
FAILED = 502  # the status that is counted where none came
# Says that somebody else asks (RFC 9110 §7.6.3): the private ports of the services refuse requests that have it.
VIA = {"via": "1.1 agora"}


class AccountFetcher:
    """One for a process."""

    def __init__(
        self,
        reactor: Any,
        rulebook: Rulebook,
        usage: Usage,
        *,
        names: Names | None = None,
        allowed_networks: Sequence[Network] = (),
        trust_root: Any = None,
    ) -> None:
        """The last three as a Fetcher has them."""
        self._reactor = reactor
        self._rulebook = rulebook
        self._usage = usage
        self._allowance = Allowance(rulebook, usage, reactor)
        self._names = names or Names(SystemResolver(reactor), reactor)
        self._allowed_networks = allowed_networks
        self._trust_root = trust_root

    async def fetch(self, url: str, account_id: int) -> Fetched:
        """GET `url` for the account.

        Raises FetchFailed, that is one of fetch_errors; HostBlocked, HostNotListed by a rule, about a redirect's host,
        too; TooManyRequests, VolumeSpent, TooManyConnections by the account's limits; StoreUnavailable before the rules
        are known. What is refused for the account's limits is not counted.
        """
        host = parse_web_address(url).host
        refused = self._allowance.take(account_id) or self._allowance.enter(account_id)
        if refused is not None:
            raise refused
        try:
            fetched = await self._by_rules(url, account_id)
        except DomainError as error:
            octets = MOST_OCTETS if isinstance(error, AnswerTooLarge) else 0
            self._usage.count(account_id, host, FAILED, 0, octets)
            raise
        finally:
            self._allowance.leave(account_id)
        self._usage.count(account_id, parse_web_address(fetched.url).host, fetched.status, 0, len(fetched.body))
        return fetched

    async def _by_rules(self, url: str, account_id: int) -> Fetched:
        rules = self._rulebook.rules
        blocked: list[DomainError] = []  # by a rule about networks

        def host_refusal(host: str) -> DomainError | None:
            refused = rules.refusal(host, account_id)
            return None if refused is None else refused()

        def address_refusal(address: str) -> DomainError | None:
            refused = rules.address_refusal(address, account_id)
            if refused is not None:
                blocked.append(refused())
            return blocked[-1] if refused is not None else None

        fetcher = Fetcher(
            self._reactor,
            self._allowed_networks,
            names=self._names,
            trust_root=self._trust_root,
            host_refusal=host_refusal,
            address_refusal=address_refusal,
        )
        try:
            return await fetcher.fetch(url, headers=VIA, octets=MOST_OCTETS, timeout=WITHIN)
        except FetchRefused:
            if blocked:
                raise blocked[0] from None
            raise
