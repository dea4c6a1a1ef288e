"""The addresses of a stack's services as seen from here: from a local stack's record, or their hosts in a container."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from shared.administration.readiness import Where
from shared.command_line.state_directory import StackRecord, StateDirectory
from shared.doors import DOORS, LOOPBACK, SERVICES
from shared.runtime.endpoint_places import reached_at

SERVICE_HOSTS = "AGORA_SERVICE_HOSTS"
HEALTH_PORT = 9100  # what compose.yaml and the manifests give AGORA_HEALTH_ENDPOINTS


@dataclass(frozen=True, slots=True)
class ServicePlaces:
    """Hosts and ports of one stack: `doors` by door, without those that have no TCP port; `health` by service."""

    doors: Mapping[str, Where]
    health: Mapping[str, Where]


def in_container() -> bool:
    """Whether this command runs in an image of ours, where the other services have hosts of their own."""
    return bool(os.environ.get("AGORA_IN_CONTAINER"))


def service_places(directory: StateDirectory) -> ServicePlaces | None:
    """Those of the stack that runs in `directory`, else in a container those of its stack, else None."""
    if (record := directory.running()) is not None:
        return local_places(record)
    return container_places(os.environ) if in_container() else None


def local_places(record: StackRecord) -> ServicePlaces:
    """All on this machine; a door whose endpoints were set by hand is where they say."""
    doors = {}
    for door in DOORS:
        if endpoints := record.environment.get(door.endpoints_setting):
            where = reached_at(endpoints)
        else:
            where = (LOOPBACK, record.ports[door.name]) if door.name in record.ports else None
        if where is not None:
            doors[door.name] = where
    return ServicePlaces(doors, {name: (LOOPBACK, port) for name, port in record.health.items()})


def container_places(environment: Mapping[str, str]) -> ServicePlaces:
    """This container's service by its own settings; the others by AGORA_SERVICE_HOSTS, at the ports of compose.yaml.

    A host has the service's name, with `-` for `_`, unless the setting says otherwise. AGORA_IMAP_PORT and its like
    name other ports.
    """
    hosts = {name: name.replace("_", "-") for name in SERVICES}
    hosts |= dict(word.partition("=")[::2] for word in environment.get(SERVICE_HOSTS, "").split() if "=" in word)
    own = environment.get("AGORA_SERVICE")
    doors: dict[str, Where] = {}
    for door in DOORS:
        if door.service == own:
            if where := reached_at(environment.get(door.endpoints_setting) or f"tcp:{door.port}"):
                doors[door.name] = where
        else:
            port = environment.get(door.setting, "")
            doors[door.name] = hosts[door.service], int(port) if port.isdecimal() else door.port
    health = reached_at(environment.get("AGORA_HEALTH_ENDPOINTS", "")) or (LOOPBACK, HEALTH_PORT)
    return ServicePlaces(doors, {name: health if name == own else (hosts[name], health[1]) for name in SERVICES})
