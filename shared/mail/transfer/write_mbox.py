"""Writing a mailbox as mboxrd files, one for each folder, with the flags in Status, X-Status and X-Keywords."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from shared.folders.flags import SEEN
from shared.folders.folder import Folder
from shared.mail.transfer.carried import STATUS_FLAGS, Carried
from shared.mail.transfer.export_mailbox import Numbered
from shared.mail.transfer.mbox_names import SUBSCRIPTIONS, path_of
from shared.messages.mboxrd import as_mboxrd


class MboxWriter:
    """Writes into a directory that is empty or not there yet."""

    keywords_left_out: Sequence[str] = ()

    def __init__(self, path: Path) -> None:
        self._path = path

    def write_folder(self, folder: Folder, messages: Iterable[Numbered]) -> None:
        """Write all of them; the line before each has the time when it was received, in UTC."""
        path = self._path / path_of(folder.name)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("xb") as file:
            for _, carried in messages:
                file.write(as_mboxrd(carried.octets, carried.received_at, is_its_time=True, status=_status(carried)))

    def write_subscriptions(self, names: Iterable[str]) -> None:
        """Write the names that are subscribed to, as Dovecot does beside mbox files."""
        (self._path / SUBSCRIPTIONS).write_text("".join(f"{name}\n" for name in names), encoding="utf-8")


def _status(carried: Carried) -> bytes:
    """The fields that say the flags. O is there always, so that no field of the message itself is taken for one."""
    others = "".join(letter for letter, flag in STATUS_FLAGS.items() if flag != SEEN and carried.flags & flag)
    text = f"Status: {'RO' if carried.flags & SEEN else 'O'}\n"
    text += f"X-Status: {others}\n" if others else ""
    text += f"X-Keywords: {' '.join(carried.keywords)}\n" if carried.keywords else ""
    return text.encode()
