"""Routes: where mail for a domain goes, by the settings first and then by DNS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from shared.errors import DomainError
from shared.outbound.dns_client import NameMissing, NamesAway
from shared.outbound.mail_names import MailNames, shuffled
from shared.outbound.mta_sts.policies import PolicyUnknown, StsPolicies
from shared.outbound.mta_sts.policy import StsMode, StsPolicy
from shared.outbound.places import ServerPlace, read_place, read_route
from shared.outbound.remote_tls import TlsNeed
from shared.outbound.settings import OutboundSettings
from shared.outbound.tls_wish import TlsWish

MOST_TRIED = 5  # mail servers of a domain, in one attempt


class NoRoute(Exception):
    """There is nowhere to send mail for a domain: for good, or now."""

    def __init__(self, status: str, text: str) -> None:
        super().__init__(text)
        self.status = status  # RFC 3463

    @property
    def is_permanent(self) -> bool:
        return self.status.startswith("5")


class Route(NamedTuple):
    """The servers to try, in this order.

    `chosen`: by the operator, so that they may be anywhere; `signs_in`: with the smart host's credentials; `need`: what
    their TLS must be; `is_secure`: DNS names them, and that was checked, so that it may have keys of theirs, too.
    """

    places: Sequence[ServerPlace]
    chosen: bool
    signs_in: bool = False
    need: TlsNeed = TlsNeed.OFFERED
    is_secure: bool = False

    @property
    def key(self) -> tuple[frozenset[ServerPlace], bool, bool, TlsNeed, bool]:
        """The same for domains that share their servers."""
        return frozenset(self.places), self.chosen, self.signs_in, self.need, self.is_secure


class Routes:
    """The routes of a process."""

    def __init__(
        self, settings: OutboundSettings, names: MailNames | None = None, policies: StsPolicies | None = None
    ) -> None:
        """Without `names` it only knows what is taken; without `policies` no domain has one."""
        self._port = settings.outbound_port
        self._hostname = settings.hostname.lower()
        self._fixed: Mapping[str, ServerPlace] = dict(read_route(word, self._port) for word in settings.outbound_routes)
        smart_host = settings.outbound_smart_host
        self._smart_host = read_place(smart_host, self._port) if smart_host else None
        self._signs_in = bool(settings.outbound_smart_host_user)
        self._direct = settings.outbound_direct
        self._names = names
        self._policies = policies

    def takes(self, domain: str) -> bool:
        """Whether mail for `domain`, which is not kept here, has anywhere to go, as far as the settings say."""
        return self._direct or self._smart_host is not None or self._fixed_place(domain) is not None

    async def find(self, domain: str, wish: TlsWish = TlsWish.USUAL) -> Route:
        """The route to `domain`, in A-labels or an address literal, for messages with this wish. Raises NoRoute.

        A server that the operator has chosen needs no policy of the domain's to be the right one.
        """
        need = TlsNeed.REQUIRED if wish is TlsWish.REQUIRED else TlsNeed.OFFERED
        fixed = self._fixed_place(domain)
        if fixed is not None:
            return Route([fixed], chosen=True, need=need)
        if self._smart_host is not None:
            return Route([self._smart_host], chosen=True, signs_in=self._signs_in, need=need)
        if not self._direct or self._names is None:
            raise NoRoute("4.3.5", "mail to other servers is not sent from here now")
        if domain.startswith("[") and wish is TlsWish.REQUIRED:
            raise NoRoute("5.7.30", "REQUIRETLS needs a server's name, not an address")
        if domain.startswith("["):
            return Route([ServerPlace(domain[1:-1].removeprefix("IPv6:"), self._port)], chosen=False)
        return await self._of_dns(domain, self._names, wish)

    def _fixed_place(self, domain: str) -> ServerPlace | None:
        place = self._fixed.get(domain)
        above = domain
        while place is None and "." in above:
            above = above.partition(".")[2]
            place = self._fixed.get("." + above)
        return place

    async def _of_dns(self, domain: str, names: MailNames, wish: TlsWish) -> Route:
        try:
            exchangers = await names.exchangers(domain)
        except NameMissing as error:
            raise NoRoute("5.1.2", f"there is no domain {domain}") from error
        except NamesAway as error:
            raise NoRoute("4.4.3", f"the mail servers of {domain} could not be looked up") from error
        if exchangers.takes_none:
            raise NoRoute("5.1.10", f"{domain} takes no mail (null MX)")  # RFC 7505 §3
        if exchangers.names_nothing:
            raise NoRoute("5.4.4", f"what DNS names as the mail servers of {domain} are no hosts")
        hosts = shuffled(exchangers) or [domain]
        if self._hostname in hosts:  # RFC 5321 §5.1: of those that are no better than this server none is tried
            own = next(
                number for number, group in enumerate(exchangers.by_preference or [hosts]) if self._hostname in group
            )
            hosts = [host for group in exchangers.by_preference[:own] for host in group]
            if not hosts:
                raise NoRoute("5.4.6", f"mail for {domain} leads back to this server, which does not keep it")
        is_secure = exchangers.is_secure and wish is not TlsWish.WAIVED
        named, need = await self._vouched_for(domain, hosts, wish, is_secure=is_secure)
        places = [ServerPlace(host, self._port) for host in named[:MOST_TRIED]]
        return Route(places, chosen=False, need=need, is_secure=is_secure)

    async def _vouched_for(
        self, domain: str, hosts: Sequence[str], wish: TlsWish, *, is_secure: bool
    ) -> tuple[Sequence[str], TlsNeed]:
        """The hosts that the domain's policy and the message's wish leave, and what their TLS must be. Raises NoRoute.

        The names came from DNS. Unless that was checked anybody may have changed them, and REQUIRETLS needs a policy
        (RFC 8689 §4.2.1).
        """
        if wish is TlsWish.WAIVED or self._policies is None:
            policy = None
        else:
            is_needed = wish is TlsWish.REQUIRED and not is_secure
            policy = await self._policy(self._policies, domain, is_needed=is_needed)
        if wish is TlsWish.REQUIRED and is_secure and (policy is None or policy.mode is not StsMode.ENFORCE):
            return hosts, TlsNeed.REQUIRED
        if wish is TlsWish.REQUIRED:
            named = [host for host in hosts if policy is not None and policy.names(host)]
            if not named:
                text = f"no policy of {domain} (MTA-STS) vouches for its mail servers, which REQUIRETLS needs"
                raise NoRoute("5.7.30", text)
            return named, TlsNeed.REQUIRED
        if policy is None or policy.mode is not StsMode.ENFORCE:
            return hosts, TlsNeed.OFFERED
        named = [host for host in hosts if policy.names(host)]
        if not named:
            text = f"the policy of {domain} (MTA-STS) names none of the mail servers that DNS names: {hosts[0]}"
            raise NoRoute("4.7.5", text)
        return named, TlsNeed.CHECKED

    async def _policy(self, policies: StsPolicies, domain: str, *, is_needed: bool) -> StsPolicy | None:
        try:
            return await policies.find(domain)
        except PolicyUnknown as error:
            if not is_needed:  # RFC 8461 §5.1: as if there were none
                return None
            raise NoRoute("4.7.5", f"the policy of {domain} (MTA-STS) cannot be fetched") from error
        except DomainError as error:
            raise NoRoute("4.3.0", "the store is away") from error
