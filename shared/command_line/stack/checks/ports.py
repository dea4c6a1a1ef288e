"""The check of the ports: whether the doors are open, or could be opened."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence

from shared.administration.readiness import Where
from shared.command_line.service_places import SERVICE_HOSTS, ServicePlaces, in_container, service_places
from shared.command_line.stack.checks.finding import Finding, fine, warning, wrong
from shared.command_line.stack.door_greeting import read_greeting
from shared.command_line.stack.ports import PortUnusable, settle_ports
from shared.command_line.state_directory import StateDirectory
from shared.doors import DOORS, DoorPort


def check_ports(directory: StateDirectory) -> Sequence[Finding]:
    """With a running stack, or in a container of one: every door greets. Without: `agora up` can open every port."""
    if (places := service_places(directory)) is not None:
        return _open_doors(directory, places)
    try:
        ports = settle_ports(os.environ, directory.kept_ports(), free=False, claims=False)
    except PortUnusable as reason:
        return [wrong("ports", str(reason), "Choose another port, or leave the choice to `agora up`.")]
    if not ports.replaced:
        return [fine("ports", "all are free for `agora up`")]
    return [
        warning("ports", f"{each.wanted} for {each.door.title} is taken", f"`agora up` takes {each.instead} instead.")
        for each in ports.replaced
    ]


def _open_doors(directory: StateDirectory, places: ServicePlaces) -> Sequence[Finding]:
    return [
        _greets(door, places.doors[door.name], directory)
        if door.name in places.doors
        else fine(door.title, f"not on a TCP port: {door.endpoints_setting} says so")
        for door in DOORS
    ]


def _greets(door: DoorPort, where: Where, directory: StateDirectory) -> Finding:
    subject = f"{door.title}, {where[0]}:{where[1]}" if in_container() else f"{door.title}, port {where[1]}"
    more = (
        f"The log of {door.service} says more."
        if in_container()
        else directory.hint(f"logs {door.service}") + " says more."
    )
    try:
        greeting = read_greeting(door, where)
    except socket.gaierror as error:
        return warning(subject, f"no such host: {error}", f"{SERVICE_HOSTS} says where each service is.")
    except OSError as error:
        return wrong(subject, f"does not answer: {error}", more)
    if not greeting:
        return wrong(subject, "does not greet", more)
    return fine(subject, greeting)
