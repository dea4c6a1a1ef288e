"""The SSH door, and the parts behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from services.ssh_admin.commands import Commands
from services.ssh_admin.exec_session import run_command
from services.ssh_admin.factory import SshFactory
from services.ssh_admin.host_keys import HostKeys
from services.ssh_admin.open_shells import OpenShells
from services.ssh_admin.parts import SshParts
from services.ssh_admin.script import Script
from services.ssh_admin.session_channel import Running
from services.ssh_admin.settings import SshAdminSettings
from services.ssh_admin.sftp.begin import Sftp
from services.ssh_admin.shell import Shell
from shared.accounts.revocation import Revocation
from shared.accounts.sign_in import SignIn
from shared.accounts.signed_in import SignedIn
from shared.accounts.ssh_keys.public_key import ALGORITHMS
from shared.administration import audit
from shared.administration.drop_traces import drop_old_traces
from shared.command_line.terminal.surroundings import follow_surroundings
from shared.conversation.limits import Limits
from shared.folders.key_messages import key_next_messages
from shared.rooms.directory import Directory
from shared.runtime.doors import Door
from shared.runtime.parts import Parts
from shared.runtime.regularly import regularly
from shared.runtime.spawn import spawn

DOOR = "ssh"
KEYS_EVERY = timedelta(seconds=10)
MOST_KEY_STEPS = 5  # each time: 500 messages a second at most, so that a rush of mail has the store for itself


def open_doors(parts: Parts[SshAdminSettings]) -> Sequence[Door]:
    """The door ssh. Connections are closed at once until the host keys were read from the store."""
    settings = parts.settings
    following = follow_surroundings()
    following.__enter__()

    async def follow_no_more() -> None:
        following.__exit__(None, None, None)

    shells = OpenShells()
    commands = Commands(parts.reactor, settings, parts.database, DOOR)
    directory = Directory(parts.database, parts.bus)

    async def close_directory() -> None:
        directory.close()

    parts.before_closing.extend((commands.close, follow_no_more, close_directory))

    def begin(channel: Any, line: str | None) -> Running:
        if line is not None:
            return run_command(channel, parts.reactor, commands, line)
        if channel.terminal is None:
            return Script(channel, parts.reactor, commands)
        return Shell(channel, parts.reactor, commands, parts.database, parts.bus, settings, shells).begin()

    ssh_parts = SshParts(
        clock=parts.reactor,
        door=DOOR,
        hostname=settings.hostname,
        host_keys=HostKeys(settings.ssh_host_keys),
        sign_in=SignIn(parts.database, parts.bus.redis, parts.reactor, settings),
        sessions=SignedIn(settings.ssh_connections_per_account),
        methods=settings.ssh_methods,
        client_algorithms=[each.encode() for each in ALGORITHMS],
        grace=settings.ssh_login_limit,
        idle=settings.ssh_idle_limit,
        begin=begin,
        subsystems={b"sftp": Sftp(parts.database, directory, DOOR).begin},
    )
    Revocation(parts.database, ssh_parts.sessions).watch(parts.bus)
    spawn(ssh_parts.host_keys.load(parts.database, parts.reactor, settings.stack_key_file), "reading the SSH host keys")

    async def drop_old() -> None:
        await parts.database.transact(audit.drop_old)
        await drop_old_traces(parts.database, settings.trace_kept)

    async def key_messages() -> None:
        for _ in range(MOST_KEY_STEPS):
            if await parts.database.transact(key_next_messages):
                return

    regularly(parts.reactor, KEYS_EVERY, key_messages, "writing keys of messages", parts.before_closing)
    regularly(parts.reactor, timedelta(days=1), drop_old, "forgetting old commands and traces", parts.before_closing)
    return [parts.door(DOOR, SshFactory(ssh_parts), Limits(), of="ssh")]
