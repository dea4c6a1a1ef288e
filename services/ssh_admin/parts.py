"""The parts that every SSH connection works with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.ssh_admin.host_keys import HostKeys
from shared.accounts.sign_in import SignIn
from shared.accounts.signed_in import SignedIn
from shared.clock import Clock


@dataclass(frozen=True, slots=True)
class SshParts:
    """`begin(channel, command)` begins what a session runs, a Running: the command, or with None the shell.

    `subsystems` are begun by name.
    """

    clock: Clock
    door: str
    hostname: str
    host_keys: HostKeys
    sign_in: SignIn
    sessions: SignedIn
    methods: Sequence[str]
    client_algorithms: Sequence[bytes]
    grace: timedelta
    idle: timedelta
    begin: Callable[[Any, str | None], Any]
    subsystems: Mapping[bytes, Callable[[Any], Any]]
