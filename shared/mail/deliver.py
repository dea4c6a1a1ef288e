"""Delivery: a message into the folders of everybody it is for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from mmap import mmap
from typing import NamedTuple

from twisted.logger import Logger

from shared.errors import DomainError
from shared.folders.append import Append, AppendTarget, Place
from shared.folders.errors import FolderNotFound
from shared.folders.message import NewMessage
from shared.mail.intake import KeptItem, MessageIntake
from shared.mail.lookup import FolderTarget, Targets
from shared.mail.mailbox import Mailbox

ItemOf = Callable[[Append], KeptItem]


def _as_it_is(append: Append) -> KeptItem:
    return append


class Incoming(NamedTuple):
    """A message, ready to be kept, who sent it, and where the address of each recipient leads (resolve.py)."""

    octets: bytes | mmap
    sender: Mailbox
    recipients: Sequence[Targets]  # that are folders: rooms, forwards and the rest are for the door
    received_at: datetime
    over_quota: bool = False  # accounts that have any room take it, even if they then have more than their quota


class Delivered(NamedTuple):
    """The result of a delivery: a place for each folder that has the message."""

    message_id: int
    places: Sequence[Place]


class Delivery:
    """Delivers what came by an envelope, through the intake of the process."""

    _log = Logger()

    def __init__(self, intake: MessageIntake) -> None:
        self._intake = intake

    async def deliver(self, message: Incoming, item_of: ItemOf = _as_it_is) -> Delivered:
        """Keep `message` for every recipient, then wake the sessions that watch the folders.

        Returns once the copies are committed: the caller may promise delivery (RFC 5321 §4.2.5). A folder that several
        recipients lead to gets one copy. A recipient whose address leads to several accounts is served when one of
        them has the message: a full mailbox must not keep it from the others. If a recipient is not served nobody gets
        a copy, for the sender will send again to all of them: raises QuotaExceeded, FolderNotFound, MessageTooLarge.
        Also raises StoreFull, StoreUnavailable, StatementTimedOut. `item_of` makes of the append another item of the
        intake's operation, so that more is done in the same commit.
        """
        new = await self._intake.prepare(message.octets, message.received_at)
        try:
            return await self._keep(new, message, [_folders(targets) for targets in message.recipients], item_of)
        except FolderNotFound:  # user+folder, and the folder was deleted after the look-up
            inboxes = [
                tuple(replace(target, folder_id=target.inbox_id) for target in _folders(targets))
                for targets in message.recipients
            ]
            return await self._keep(new, message, inboxes, item_of)

    async def _keep(
        self, new: NewMessage, message: Incoming, recipients: Sequence[Sequence[FolderTarget]], item_of: ItemOf
    ) -> Delivered:
        if len(recipients) == 1 and len(recipients[0]) == 1:
            append = Append(new, [AppendTarget(recipients[0][0].folder_id)], None, message.over_quota)
        else:
            groups = [[target.folder_id for target in targets] for targets in recipients]
            folders = [AppendTarget(folder_id) for folder_id in dict.fromkeys(chain.from_iterable(groups))]
            append = Append(new, folders, groups, message.over_quota)
        appended = await self._intake.keep(item_of(append))
        kept: list[Place] = []
        for place in appended.places:
            if isinstance(place, DomainError):
                self._log.warn(
                    "a message from {sender}: one of several accounts with the same address has no copy: {error!r}",
                    sender=message.sender,
                    error=place,
                )
            else:
                kept.append(place)
        return Delivered(appended.message_id, kept)


def _folders(targets: Targets) -> Sequence[FolderTarget]:
    if len(targets) == 1 and isinstance(targets[0], FolderTarget):  # as nearly all have
        return (targets[0],)
    folders = [target for target in targets if isinstance(target, FolderTarget)]
    assert len(folders) == len(targets), "a room's mail is for shared/rooms"
    return folders
