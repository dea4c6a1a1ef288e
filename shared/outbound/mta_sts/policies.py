"""The policies of the domains that mail goes to: looked up, fetched, kept, and asked for again."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from twisted.logger import Logger

from shared.bounded_cache import ENTRY_OCTETS, BoundedCache
from shared.clock import Clock
from shared.database.database import Database
from shared.outbound.dns_client import NameMissing, NamesAway
from shared.outbound.mail_names import MailNames
from shared.outbound.mta_sts.keep import KeptPolicy, find_policy, keep_policy
from shared.outbound.mta_sts.policy import PolicyMalformed, StsMode, StsPolicy, policy_id, read_policy
from shared.reach.fetch import Fetcher
from shared.reach.fetch_errors import FetchFailed

POLICY_OCTETS = 64 << 10  # RFC 8461 §3.3
FETCH_WITHIN = timedelta(minutes=1)  # §3.3
LOOKED_AT_AFTER = timedelta(minutes=5)  # a record in DNS is asked for again, or a web server that did not answer (§3.3)
MOST_KEPT_OCTETS = 2 << 20  # some 4,000 domains


class PolicyUnknown(Exception):
    """The domain says that it has a policy, or may have one, and it cannot be fetched now."""


class _Known(NamedTuple):
    policy: StsPolicy | None
    is_unknown: bool
    until: float


def _weight(known: _Known) -> int:
    return ENTRY_OCTETS * (2 + (len(known.policy.patterns) if known.policy is not None else 0))


class StsPolicies:
    """Asks for a process; what it has found is in the store for all."""

    _log = Logger()

    def __init__(
        self,
        database: Database,
        names: MailNames,
        fetcher: Fetcher,
        clock: Clock,
        *,
        private: bool = False,
        port: int = 443,
    ) -> None:
        """`private`: web servers with policies may be at addresses that are not public."""
        self._database = database
        self._names = names
        self._fetcher = fetcher
        self._clock = clock
        self._private = private
        self._port = port
        self._known: BoundedCache[str, _Known] = BoundedCache(MOST_KEPT_OCTETS, _weight)

    async def find(self, domain: str) -> StsPolicy | None:
        """The policy of `domain`, in A-labels; None if it has none, or mode `none`.

        One that is kept counts while DNS or the web server cannot be asked (RFC 8461 §5.1). Raises PolicyUnknown where
        none is kept then; StoreUnavailable, StatementTimedOut.
        """
        known = self._known.get(domain)
        if known is None or known.until <= self._clock.seconds():
            self._known.drop(domain)
            until = self._clock.seconds() + LOOKED_AT_AFTER.total_seconds()
            try:
                known = _Known(await self._looked_up(domain), False, until)
            except PolicyUnknown:
                known = _Known(None, True, until)
            self._known.put(domain, known)
        if known.is_unknown:
            raise PolicyUnknown(domain)
        return known.policy

    async def _looked_up(self, domain: str) -> StsPolicy | None:
        kept = await self._database.read(find_policy, domain)
        try:
            number = policy_id(await self._names.texts(f"_mta-sts.{domain}"))
        except NameMissing:
            number = None
        except NamesAway as error:
            if kept is None:
                raise PolicyUnknown(domain) from error
            return _in_force(kept)
        if number is None or (kept is not None and kept.id == number and not kept.is_old):
            return _in_force(kept)
        try:
            policy = await self._fetched(domain)
        except (FetchFailed, PolicyMalformed) as error:
            self._log.warn(
                "the policy of {domain} (MTA-STS) was not fetched: {reason}", domain=domain, reason=str(error)
            )
            if kept is None:
                raise PolicyUnknown(domain) from error
            return _in_force(kept)
        await self._database.transact(keep_policy, domain, number, policy)
        return policy if policy.mode is not StsMode.NONE else None

    async def _fetched(self, domain: str) -> StsPolicy:
        """Raises FetchFailed, PolicyMalformed."""
        port = "" if self._port == 443 else f":{self._port}"
        url = f"https://mta-sts.{domain}{port}/.well-known/mta-sts.txt"
        fetched = await self._fetcher.fetch(
            url, octets=POLICY_OCTETS, timeout=FETCH_WITHIN, redirects=0, private=self._private
        )
        if fetched.status != 200:
            raise PolicyMalformed(f"the server answers {fetched.status}")
        if fetched.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/plain":
            raise PolicyMalformed("what the server sends is not text/plain")  # but a page of somebody else's, maybe
        return read_policy(fetched.body)


def _in_force(kept: KeptPolicy | None) -> StsPolicy | None:
    return kept.policy if kept is not None and kept.policy.mode is not StsMode.NONE else None
