"""The parts and settings that every connection of a door shares."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

from services.http_proxy.connect import OriginConnector
from services.http_proxy.gate import Gate
from services.http_proxy.pool import OriginPool
from shared.accounts.http_credentials import HttpCredentials
from shared.bounded_cache import remembers
from shared.ip_network import Network


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a client or an origin may be silent or slow, in seconds. Checked once a second."""

    idle: float = 120.0  # a client between two requests
    head: float = 30.0  # from a head's first octet to its last
    silence: float = 300.0  # an origin that was asked, either side in the middle of a body
    tunnel: float = 3600.0  # both sides of a tunnel; SSH and chats are silent for long


@dataclass(frozen=True, slots=True)
class ProxyParts:
    """The parts that one door's connections use, and what its settings say."""

    name: str  # for the log
    gate: Gate
    credentials: HttpCredentials
    pool: OriginPool
    connector: OriginConnector
    pseudonym: bytes
    connect_ports: Collection[int]
    open_networks: Sequence[Network] = ()
    direct_domains: Sequence[str] = ()
    secure: bool = False
    patience: Patience = Patience()

    is_open_to: Callable[[str], bool] = field(init=False)  # whether clients at that address need not sign in

    def __post_init__(self) -> None:
        networks = self.open_networks

        @remembers(most=4096)  # asked for each connection: reading an address takes 3 µs
        def is_open_to(host: str) -> bool:
            address = ip_address(host)
            return any(address in network for network in networks)

        object.__setattr__(self, "is_open_to", is_open_to if networks else lambda host: False)
