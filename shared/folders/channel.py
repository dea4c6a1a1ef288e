"""News of folders: `folder modseq,folder modseq`, of each folder the newest position."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from shared.events.channel import Channel


def _write(events: Iterable[FolderChanged]) -> bytes:
    newest: dict[int, int] = {}
    for event in events:
        if event.modseq > newest.get(event.folder_id, -1):
            newest[event.folder_id] = event.modseq
    return b",".join(b"%d %d" % item for item in newest.items())


def _read(message: bytes) -> Iterator[tuple[int, int]]:
    for item in message.split(b","):
        folder_id, _, modseq = item.partition(b" ")
        if folder_id.isdigit() and modseq.isdigit():
            yield int(folder_id), int(modseq)


FOLDERS: Channel[FolderChanged] = Channel("folders", _write, _read)  # watched by the folder's id, told its modseq


@dataclass(frozen=True, slots=True)
class FolderChanged:
    """Something in the folder is new, different or gone since the modseq before this one."""

    channel: ClassVar[Channel[Any]] = FOLDERS

    folder_id: int
    modseq: int
