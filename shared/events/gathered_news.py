"""Events gathered into one message: `folder modseq,folder modseq` or `account,account`.

Deliveries that were committed together are announced in one turn of the reactor, so a burst of them is one message.
Under load one message follows another at a distance: each wakes Redis and every process that listens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from shared.clock import Clock

APART_SECONDS = 0.005  # nobody sees that a message is told so much later, and 200 a second cost little


class GatheredNews:
    """Collects until the turn ends, then calls `publish(folders, accounts)`; of a folder the newest position.

    What comes within APART_SECONDS of the last message waits for the end of that time.
    """

    def __init__(self, clock: Clock, publish: Callable[[bytes, bytes], None]) -> None:
        self._clock = clock
        self._publish = publish
        self._folders: dict[int, int] = {}
        self._accounts: set[int] = set()
        self._waiting = False
        self._published = float("-inf")

    def add_folder(self, folder_id: int, modseq: int) -> None:
        if modseq > self._folders.get(folder_id, 0):
            self._folders[folder_id] = modseq
        self._flush_soon()

    def add_account(self, account_id: int) -> None:
        self._accounts.add(account_id)
        self._flush_soon()

    def flush(self) -> None:
        """Publish what there is, now."""
        self._waiting = False
        folders, self._folders = self._folders, {}
        accounts, self._accounts = self._accounts, set()
        if folders or accounts:
            self._published = self._clock.seconds()
            self._publish(_render_folders(folders), b",".join(b"%d" % account for account in sorted(accounts)))

    def _flush_soon(self) -> None:
        if not self._waiting:
            self._waiting = True
            wait = self._published + APART_SECONDS - self._clock.seconds()
            self._clock.callLater(max(0.0, wait), self.flush)


def parse_folders(message: bytes) -> Iterator[tuple[int, int]]:
    """The folders and positions of a message; what cannot be read is passed over, another release may have sent it."""
    for item in message.split(b","):
        folder_id, _, modseq = item.partition(b" ")
        if folder_id.isdigit() and modseq.isdigit():
            yield int(folder_id), int(modseq)


def parse_accounts(message: bytes) -> Iterator[int]:
    """The accounts of a message."""
    return (int(item) for item in message.split(b",") if item.isdigit())


def _render_folders(folders: dict[int, int]) -> bytes:
    return b",".join(b"%d %d" % item for item in folders.items())
