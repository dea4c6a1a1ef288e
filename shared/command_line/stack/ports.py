"""The ports of a local stack's doors: those that were asked for, and what is taken instead of a default that is in use.

A port that the operator names (AGORA_IMAP_PORT, AGORA_IMAP_ENDPOINTS) is used or the start ends. Every other port is
ours to choose: a default that another program holds is replaced by the next free port, which the state directory keeps.
"""

from __future__ import annotations

import contextlib
import errno
import random
import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import Enum

from shared.doors import DOORS, HIGHEST_PORT, LOOPBACK, DoorPort, loopback_endpoint
from shared.public_ports import write_public_ports
from shared.runtime.endpoint_places import tcp_places

# Below the range that outgoing connections take theirs from (32768 on, ip_local_port_range), so that none can slip in
# between choosing a port and listening on it.
FREE_PORTS = range(20_000, 32_000)
PUBLIC_PORTS = "AGORA_PUBLIC_PORTS"
MOST_CLAIMS = 64  # sockets that are kept open; a stack has some 25 ports
_claims: deque[socket.socket] = deque()


class PortUnusable(Exception):
    """A port that was asked for cannot be used; the text is one sentence that names its setting."""


class PortCondition(Enum):
    FREE = "free"
    TAKEN = "taken"  # another program listens there
    FORBIDDEN = "forbidden"  # the system reserves it for root
    ABSENT = "absent"  # the address is none of this machine's


@dataclass(frozen=True, slots=True)
class Replaced:
    """A port of our own choice that is in use, and the one that is used in its place."""

    door: DoorPort
    wanted: int
    instead: int

    def __str__(self) -> str:
        return (
            f"{self.door.title}: {self.wanted} is taken, {self.instead} instead"
            f" (kept for this stack; {self.door.setting} chooses)"
        )


@dataclass(frozen=True, slots=True)
class Ports:
    """The port of every door that has one; `kept` are those that are neither asked for nor defaults."""

    numbers: Mapping[str, int]
    kept: Mapping[str, int]
    replaced: Sequence[Replaced] = ()


def settle_ports(environment: Mapping[str, str], kept: Mapping[str, int], free: bool, claims: bool = True) -> Ports:
    """Each door's port: its setting, else what this stack keeps for it, else its default, or with `free` any free one.

    A kept or default port that is in use is replaced by the next free one. With `claims` no other stack that starts
    meanwhile is given what is chosen here out of FREE_PORTS. Raises PortUnusable.
    """
    take = _take if claims else is_free
    asked = asked_ports(environment)
    own = [door for door in DOORS if door.name not in asked]
    numbers = {name: port for name, port in asked.items() if port is not None}
    replaced: list[Replaced] = []
    for door in own:
        wanted = kept.get(door.name) or (None if free else door.port)
        if wanted is None:
            wanted = free_ports(1, [*numbers.values(), *kept.values()])[0]
        elif wanted in numbers.values() or not take(wanted):
            others = {each.port for each in DOORS} | set(kept.values()) | set(numbers.values())
            replaced.append(Replaced(door, wanted, _next_free(wanted, others, take)))
            wanted = replaced[-1].instead
        numbers[door.name] = wanted
    to_keep = {door.name: numbers[door.name] for door in own if numbers[door.name] != door.port}
    return Ports(numbers, to_keep, replaced)


def asked_ports(environment: Mapping[str, str]) -> Mapping[str, int | None]:
    """The ports that settings name, each of which can be used; None for a door that has no TCP port by its setting.

    Raises PortUnusable.
    """
    asked: dict[str, int | None] = {}
    for door in DOORS:
        if by_hand := environment.get(door.endpoints_setting):
            places = tcp_places(by_hand)
            for host, port in places:
                _require_free(door, door.endpoints_setting, host, port)
            asked[door.name] = places[0][1] if places else None
        elif text := environment.get(door.setting):
            port = port_number(door.setting, text)
            if (other := next((name for name, each in asked.items() if each == port), None)) is not None:
                raise PortUnusable(
                    f"port {port} is asked for twice: for {door.name} by {door.setting}, and for {other}"
                )
            _require_free(door, door.setting, LOOPBACK, port)
            asked[door.name] = port
    return asked


def _require_free(door: DoorPort, setting: str, host: str, port: int) -> None:
    wanted = f"port {port}, wanted for {door.title} by {setting},"
    match condition_of(host, port):
        case PortCondition.TAKEN:
            raise PortUnusable(f"{wanted} is taken by another program")
        case PortCondition.FORBIDDEN:
            raise PortUnusable(
                f"{wanted} needs a right that this user lacks: start as root (`agora up` then runs as an ordinary"
                " user), or see docs/operations.md, At boot, and the standard ports"
            )
        case PortCondition.ABSENT:
            raise PortUnusable(f"{wanted} is to be opened at {host}, which is not an address of this machine")


def port_number(setting: str, text: str) -> int:
    """The port that a setting names. Raises PortUnusable."""
    if not text.isdecimal() or not 0 < int(text) <= HIGHEST_PORT:
        raise PortUnusable(f"{setting}={text} is not a port: a number from 1 to {HIGHEST_PORT}")
    return int(text)


def _next_free(port: int, besides: Set[int], take: Callable[[int], bool]) -> int:
    for candidate in range(port + 1, HIGHEST_PORT + 1):
        if candidate not in besides and take(candidate):
            return candidate
    return free_ports(1, besides)[0]


def free_ports(count: int, besides: Iterable[int] = ()) -> list[int]:
    """`count` ports on the loopback address that nobody listens on now, and that no other process was just given."""
    taken = set(besides)
    found: list[int] = []
    while len(found) < count:
        port = random.choice(FREE_PORTS)
        if port not in taken and _take(port):
            taken.add(port)
            found.append(port)
    return found


def _take(port: int) -> bool:
    """Whether it is free; one of FREE_PORTS is this process's from now on."""
    return is_free(port) and (port not in FREE_PORTS or _claim(port))


def _claim(port: int) -> bool:
    """Whether it is this process's to open; other stacks that start at the same moment look for ports as well.

    A claim is a name among Linux's abstract sockets (unix(7)), which goes with the process. Elsewhere all are granted.
    """
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        claim.bind(f"\0agora/port/{port}")
    except OSError as error:
        claim.close()
        return error.errno != errno.EADDRINUSE
    _claims.append(claim)
    if len(_claims) > MOST_CLAIMS:
        _claims.popleft().close()
    return True


def is_free(port: int) -> bool:
    """Whether a server could listen on the loopback address at `port`."""
    return condition_of(LOOPBACK, port) is PortCondition.FREE


def condition_of(host: str, port: int) -> PortCondition:
    """Whether a server could listen at `host` ("" for all addresses) and `port`, and why not."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.closing(socket.socket(family)) as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # connections that were closed lately are no obstacle
        if family == socket.AF_INET6:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # as the services' sockets are
        try:
            probe.bind((host, port))
            probe.listen(1)
        except PermissionError:
            return PortCondition.FORBIDDEN
        except socket.gaierror:
            return PortCondition.ABSENT
        except OSError as error:
            return PortCondition.ABSENT if error.errno == errno.EADDRNOTAVAIL else PortCondition.TAKEN
    return PortCondition.FREE


def door_environment(environment: Mapping[str, str], ports: Mapping[str, int]) -> dict[str, str]:
    """The environment that makes the services listen on `ports`, each on the loopback address unless set by hand.

    All of them are public, unless the operator's own AGORA_PUBLIC_PORTS, whose words come last, says otherwise.
    """
    public = f"{write_public_ports(ports)} {environment.get(PUBLIC_PORTS, '')}".rstrip()
    return {**dict(_door_settings(environment, ports)), PUBLIC_PORTS: public}


def _door_settings(environment: Mapping[str, str], ports: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    for door in DOORS:
        by_hand = environment.get(door.endpoints_setting)
        yield door.endpoints_setting, by_hand or loopback_endpoint(ports[door.name])
