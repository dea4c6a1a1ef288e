"""The server's SSH keys in this process: read from the store as soon as it answers, and unsealed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from twisted.conch.ssh.keys import Key
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger

from services.ssh_admin.algorithms import host_key_algorithms
from shared.administration import host_keys
from shared.database.database import Database
from shared.errors import DomainError
from shared.runtime.stack_key import StackKey, StackKeyUnusable, ensure_stack_key

ASK_AGAIN_SECONDS = 5.0
_log = Logger()
_KIND_OF = {b"ssh-ed25519": "ed25519", b"ssh-rsa": "rsa", b"ecdsa-sha2-nistp256": "ecdsa"}


class HostKeys:
    """Those of the wanted kinds; none until `load` has found them."""

    def __init__(self, kinds: Sequence[str]) -> None:
        self._kinds = kinds
        self.private: dict[bytes, Key] = {}
        self.public: dict[bytes, Key] = {}

    def algorithms(self) -> list[bytes]:
        """The signatures that clients are offered, in the order of the setting."""
        return [each for key in self.private.values() for each in host_key_algorithms(key)]

    def take(self, texts: Sequence[bytes]) -> None:
        """Use these keys, in OpenSSH's format, from the next connection on."""
        keys = {key.sshType(): key for key in map(Key.fromString, texts)}
        wanted = sorted(
            (each for each in keys if _KIND_OF[each] in self._kinds), key=lambda each: self._kinds.index(_KIND_OF[each])
        )
        self.private = {each: keys[each] for each in wanted}
        self.public = {each: keys[each].public() for each in wanted}

    async def load(self, database: Database, reactor: Any, key_file: Path) -> None:
        """Returns when there are keys; asks the store again and again, and makes them if `migrate` could not."""
        said = ""
        while not self.private and not database.is_closed:
            try:
                self.take(await _read(database, reactor, key_file))
            except (DomainError, StackKeyUnusable) as error:
                reason = str(error) or type(error).__name__
                if reason != said:
                    _log.warn("SSH is not served without host keys: {reason}", reason=reason)
                said = reason
                await deferLater(reactor, ASK_AGAIN_SECONDS)


async def _read(database: Database, reactor: Any, key_file: Path) -> Sequence[bytes]:
    kinds = await database.read(host_keys.missing)
    stack_key: StackKey = ensure_stack_key(key_file)
    if kinds:
        made = await deferToThreadPool(reactor, reactor.getThreadPool(), host_keys.make, kinds, stack_key)
        await database.transact(host_keys.keep, made)
    return await database.read(host_keys.open_all, stack_key)
