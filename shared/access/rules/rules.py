"""The rules as they stood at one revision: which hosts an account may reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NamedTuple

from shared.access.errors import HostBlocked, HostNotListed
from shared.access.rules.name_set import NameSet, name_set
from shared.access.rules.network_keys import NetworkKey, covering_keys, lengths_of, network_key
from shared.bounded_cache import BoundedCache
from shared.database.errors import StoreUnavailable
from shared.errors import DomainError
from shared.reach.errors import HostUnusable
from shared.reach.host_names import canonical_host, is_address

EVERYTHING = "*"  # the rule that covers every host, shorter than any other
REMEMBERED_VERDICTS = 20_000  # about 4 MB; people visit the same hosts again and again
LONGEST_REMEMBERED = 253  # octets: what is longer is no host
PERMITTED: Literal[False] = False  # in the cache of verdicts, where None says that there is none yet


class Mode(StrEnum):
    """What may be reached without a rule."""

    OPEN = "open"  # everything that is not blocked
    LISTED = "listed"  # nothing that is not allowed


class RuleKind(StrEnum):
    """What a rule says."""

    ALLOW = "allow"
    BLOCK = "block"


class RuleRow(NamedTuple):
    """One rule: `name` as `rule_name.py` spells it; `account_id` None: for everybody."""

    account_id: int | None
    kind: RuleKind
    name: str


@dataclass(frozen=True, slots=True)
class Scope:
    """The rules of everybody, or the own ones of one account."""

    allowed: NameSet
    blocked: NameSet
    networks: Mapping[NetworkKey, RuleKind] = field(default_factory=dict)

    def says(self, name: str) -> RuleKind | None:
        """The kind of the rule with exactly this name; allowing goes before blocking."""
        if name in self.allowed:
            return RuleKind.ALLOW
        return RuleKind.BLOCK if name in self.blocked else None

    def __len__(self) -> int:
        return len(self.allowed) + len(self.blocked) + len(self.networks)


NO_RULES = Scope(name_set(()), name_set(()))


class Rules:
    """All rules at one revision; never changed, only replaced.

    The longest rule that covers a host decides: of names the one with most labels, of networks the smallest. Of two
    with the same name an account's own goes before everybody's, and of these allowing before blocking.
    """

    __slots__ = ("_lengths", "_scopes", "_verdicts", "mode", "revision")

    def __init__(self, scopes: Mapping[int | None, Scope], mode: Mode = Mode.OPEN, revision: int = 0) -> None:
        """`scopes`: everybody's rules under None, accounts' own ones under their numbers."""
        self._scopes = {None: NO_RULES, **scopes}
        self._lengths = lengths_of(key for scope in scopes.values() for key in scope.networks)
        self._verdicts: BoundedCache[tuple[str, int | None], type[DomainError] | Literal[False]] = BoundedCache(
            REMEMBERED_VERDICTS, lambda _: 1
        )
        self.mode = mode
        self.revision = revision

    def __len__(self) -> int:
        return sum(map(len, self._scopes.values()))

    def refusal(self, host: str, account_id: int | None) -> type[DomainError] | None:
        """Why `account_id` (None: nobody signed in) may not reach `host`, a name or address in any spelling; or None.

        HostBlocked, HostNotListed, HostUnusable; StoreUnavailable before rules were read for the first time.
        """
        key = (host, account_id if account_id in self._scopes else None)
        verdict = self._verdicts.get(key)
        if verdict is None:
            verdict = self._judge(*key) or PERMITTED
            if len(host) <= LONGEST_REMEMBERED:
                self._verdicts.put(key, verdict)
        return verdict or None

    def address_refusal(self, address: str, account_id: int | None) -> type[DomainError] | None:
        """HostBlocked if a network that is blocked holds `address`, to which some host's name led; or None."""
        if not self._lengths:
            return None
        kind = _decide(covering_keys(address, self._lengths), self._scopes_of(account_id))
        return HostBlocked if kind is RuleKind.BLOCK else None

    def _scopes_of(self, account_id: int | None) -> tuple[Scope, ...]:
        """The account's own rules first."""
        own = self._scopes.get(account_id) if account_id is not None else None
        everybody = self._scopes[None]
        return (everybody,) if own is None else (own, everybody)

    def _judge(self, host: str, account_id: int | None) -> type[DomainError] | None:
        try:
            name = canonical_host(host)
        except HostUnusable:
            return HostUnusable
        kind = _decide(self._covering(name), self._scopes_of(account_id))
        if kind is None:
            return HostNotListed if self.mode is Mode.LISTED else None
        return HostBlocked if kind is RuleKind.BLOCK else None

    def _covering(self, host: str) -> Iterator[str | NetworkKey]:
        """Every rule that would cover `host`, in canonical spelling, the longest first."""
        if is_address(host):
            yield from covering_keys(host, self._lengths)
        else:
            yield host
            start = 0
            while start := host.find(".", start) + 1:
                yield host[start:]
        yield EVERYTHING


class UnknownRules(Rules):
    """The rules before any were read: everything is refused."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__({})

    def refusal(self, host: str, account_id: int | None) -> type[DomainError] | None:
        return StoreUnavailable

    def address_refusal(self, address: str, account_id: int | None) -> type[DomainError] | None:
        return StoreUnavailable


def is_network(name: str) -> bool:
    """Whether a rule is about addresses; these are kept with their prefix length always."""
    return "/" in name


def add_network(networks: dict[NetworkKey, RuleKind], name: str, kind: RuleKind) -> None:
    """Allowing goes before blocking, whichever comes first."""
    key = network_key(name)
    if kind is RuleKind.ALLOW or key not in networks:
        networks[key] = kind


def _decide(covering: Iterable[str | NetworkKey], scopes: tuple[Scope, ...]) -> RuleKind | None:
    """The kind of the first rule among `covering`; None if there is none."""
    for each in covering:
        for scope in scopes:
            kind = scope.says(each) if isinstance(each, str) else scope.networks.get(each)
            if kind is not None:
                return kind
    return None
