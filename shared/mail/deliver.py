"""Delivery: a message into the folders of everybody it is for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from mmap import mmap
from typing import Any, NamedTuple

from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger

from shared.database.database import Database
from shared.errors import DomainError
from shared.folders.append import Append, Place, Target
from shared.folders.errors import FolderNotFound
from shared.folders.gathered_append import GatheredAppend
from shared.folders.message import NewMessage
from shared.mail.lookup import MailTarget
from shared.messages.render import Rendered, render, renders_quickly


class Incoming(NamedTuple):
    """A message, ready to be kept, and where its recipients' addresses lead (shared/mail/resolve.py)."""

    octets: bytes | mmap
    targets: Sequence[MailTarget]
    received_at: datetime
    over_quota: bool = False  # accounts that have any room take it, even if they then have more than their quota


class Delivered(NamedTuple):
    """Where the message is: one place for each folder that has it."""

    message_id: int
    places: Sequence[Place]


class Delivery:
    """Delivers for a whole process, so that deliveries share commits."""

    _log = Logger()

    def __init__(self, database: Database, reactor: Any) -> None:
        self._appending = GatheredAppend(database)
        self._reactor = reactor

    async def deliver(self, message: Incoming) -> Delivered:
        """Keep `message` for every address that its targets stand for, then wake whoever watches the folders.

        Returns once the copies are committed: the caller may promise delivery (RFC 5321 §4.2.5). A folder that several
        targets name gets one copy. An address that leads to several accounts is served when one of them has the
        message: a full mailbox must not keep it from the others. If an address is not served nobody gets a copy, for
        the sender will send again to all of them: raises QuotaExceeded, FolderNotFound, MessageTooLarge. Also raises
        StoreUnavailable, StatementTimedOut.
        """
        octets = message.octets
        rendered = render(octets) if renders_quickly(octets) else await self._render_in_thread(octets)
        new = NewMessage(octets, message.received_at, rendered)
        try:
            return await self._append(new, message.targets, message.over_quota)
        except FolderNotFound:  # user+folder, and the folder went since that was looked up
            inboxes = [replace(target, folder_id=target.inbox_id) for target in message.targets]
            return await self._append(new, inboxes, message.over_quota)

    async def _append(self, new: NewMessage, targets: Sequence[MailTarget], over_quota: bool) -> Delivered:
        if len(targets) == 1:
            append = Append(new, [Target(targets[0].folder_id)], None, over_quota)
        else:
            groups: dict[str, list[int]] = {}
            for target in targets:
                groups.setdefault(target.address, []).append(target.folder_id)
            folders = [Target(folder_id) for folder_id in dict.fromkeys(target.folder_id for target in targets)]
            append = Append(new, folders, list(groups.values()), over_quota)
        appended = await self._appending.append(append)
        kept: list[Place] = []
        for place in appended.places:
            if isinstance(place, DomainError):
                self._log.warn("one of several who share an address has no copy: {error!r}", error=place)
            else:
                kept.append(place)
        return Delivered(appended.message_id, kept)

    async def _render_in_thread(self, octets: bytes | mmap) -> Rendered:
        return await deferToThreadPool(self._reactor, self._reactor.getThreadPool(), render, octets)

    async def close(self) -> None:
        """Take nothing more; return when all that was taken is committed."""
        await self._appending.close()
