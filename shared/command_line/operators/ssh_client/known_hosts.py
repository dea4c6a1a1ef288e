"""Known hosts, in OpenSSH's file: a key that is known is trusted, a new one asked about, a changed one refused."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from twisted.conch.client.knownhosts import KnownHostsFile
from twisted.conch.error import HostKeyChanged
from twisted.conch.ssh.keys import Key
from twisted.python.filepath import FilePath

from shared.accounts.ssh_keys.public_key import fingerprint_of
from shared.command_line.operators.ssh_client.errors import SshFailed

SSH_PORT = 22


class TrustedKeys(Protocol):
    """Which keys of a host are trusted."""

    def kinds(self) -> Sequence[bytes]:
        """The kinds of keys that are known of it."""

    def check(self, blob: bytes) -> None:
        """Return if the host's key is trusted. Raises SshFailed."""


class KnownHosts:
    """The keys of one host in a file."""

    def __init__(self, file: Path, host: str, port: int, accept: Callable[[str], bool]) -> None:
        """`accept` is asked about a new key, with its fingerprint in a question."""
        self._file = file
        self._host = (host if port == SSH_PORT else f"[{host}]:{port}").encode()
        self._accept = accept

    def kinds(self) -> Sequence[bytes]:
        """The kinds of keys that are known of it."""
        entries: Iterable[Any] = self._read().iterentries()  # zope's interfaces have no types
        return [entry.keyType for entry in entries if entry.keyType and entry.matchesHost(self._host)]

    def check(self, blob: bytes) -> None:
        """Return if the host's key is trusted, and remember it if it is new. Raises SshFailed."""
        key = Key.fromString(blob)
        shown = f"{key.sshType().decode()} {fingerprint_of(blob)}"
        try:
            known = self._read().hasHostKey(self._host, key)
        except HostKeyChanged as changed:
            where = f"line {changed.lineno} of {self._file}"
            raise SshFailed(
                f"the key of {self._host.decode()} has changed: it is {shown} now, and {where} has another one. "
                "Somebody may be listening"
            ) from None
        if known:
            return
        if not self._accept(f"The key of {self._host.decode()} is not known: {shown}"):
            raise SshFailed(f"the key of {self._host.decode()} is not known: {shown}")
        self._add(key)

    def _read(self) -> KnownHostsFile:
        return KnownHostsFile.fromPath(FilePath(str(self._file)))

    def _add(self, key: Key) -> None:
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        line = KnownHostsFile(FilePath(str(self._file))).addHostKey(self._host, key).toString()
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            size = file.seek(0, os.SEEK_END)
            unfinished = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            file.write((b"\n" if unfinished else b"") + line + b"\n")
