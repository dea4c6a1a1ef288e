"""The selected mailbox: what this client was told of it, and how it learns what others did since."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence, Set
from typing import TYPE_CHECKING

from services.mail_access.imap.flag_sets import FlagSets
from services.mail_access.imap.numbering import Numbering
from services.mail_access.imap.values.flags import RECENT

if TYPE_CHECKING:
    from shared.events.watches import Watch
    from shared.folders.changes import Changes
    from shared.folders.open_folder import Snapshot


class Selected:
    """A mailbox as of `modseq` in its change log, save that vanished messages stay until they may be told.

    Methods return the untagged responses that tell the client what they changed.
    """

    __slots__ = (
        "condstore",
        "folder_id",
        "modseq",
        "name",
        "news",
        "numbering",
        "read_only",
        "uidnext",
        "uidvalidity",
        "vanished",
        "watch",
    )

    def __init__(self, snapshot: Snapshot, read_only: bool, recent_from: int) -> None:
        """Messages from the UID `recent_from` on are recent to this session."""
        folder = snapshot.folder
        self.folder_id = folder.id
        self.name = folder.name
        self.uidvalidity = folder.uidvalidity
        self.uidnext = folder.uidnext
        self.modseq = folder.highest_modseq
        self.read_only = read_only
        self.condstore = False  # the client is told modseqs (RFC 7162 §3.1)
        flag_sets = FlagSets(snapshot.keywords)
        masks: Sequence[int] = snapshot.flags
        if snapshot.uids and snapshot.uids[-1] >= recent_from:
            first = bisect_left(snapshot.uids, recent_from)
            masks = [*masks[:first], *(mask | RECENT for mask in masks[first:])]
        self.numbering = Numbering(snapshot.uids, snapshot.message_ids, masks, flag_sets)
        self.vanished: set[int] = set()  # UIDs that are gone and still have their number here
        self.news = False  # the bus said that there is something to read
        self.watch: Watch | None = None

    @property
    def flag_sets(self) -> FlagSets:
        return self.numbering.flag_sets

    def leave(self) -> None:
        """Nobody watches it for this session any more."""
        if self.watch is not None:
            self.watch.stop()
            self.watch = None

    def take_in(self, changes: Changes, recent_from: int, quiet: Set[int] = frozenset()) -> bytes:
        """Flags and arrivals of others and of ourselves; what vanished waits for `expunge`.

        Arrivals from the UID `recent_from` on are recent to this session. No FETCH is told for the UIDs in `quiet`:
        their client knows already, or is being told otherwise.
        """
        told: list[bytes] = []
        if changes.keywords is not None and self.flag_sets.learn(changes.keywords):
            told.append(self.tell_flags())
        arrived = self._change(changes, quiet, told)
        if arrived:
            told.append(self._add(changes, arrived, recent_from))
        self.vanished.update(uid for uid in changes.vanished if self.numbering.position(uid) is not None)
        self.modseq = changes.folder.highest_modseq
        self.uidnext = changes.folder.uidnext
        return b"".join(told)

    def _change(self, changes: Changes, quiet: Set[int], told: list[bytes]) -> list[int]:
        """Take in changed flags; where the arrivals stand among the changes."""
        numbering = self.numbering
        newest = numbering.uids[-1] if numbering.uids else 0
        arrived: list[int] = []
        for index, uid in enumerate(changes.uids):
            if uid > newest:
                arrived.append(index)
                continue
            position = numbering.position(uid)
            if position is None:
                continue
            numbering.set_mask(position, changes.flags[index] | (numbering.mask(position) & RECENT))
            if uid not in quiet:
                told.append(self.tell_message(position, changes.modseqs[index]))
        return arrived

    def _add(self, changes: Changes, arrived: Sequence[int], recent_from: int) -> bytes:
        uids = changes.uids
        self.numbering.extend(
            [uids[index] for index in arrived],
            [changes.message_ids[index] for index in arrived],
            [changes.flags[index] | (RECENT if uids[index] >= recent_from else 0) for index in arrived],
        )
        return self.tell_size()

    def tell_size(self) -> bytes:
        """EXISTS and RECENT (RFC 3501 §7.3.1, §7.3.2)."""
        return b"* %d EXISTS\r\n* %d RECENT\r\n" % (len(self.numbering), self.numbering.count(RECENT))

    def expunge(self) -> bytes:
        """Tell what vanished, highest number first, so that no number shifts another one's meaning."""
        if not self.vanished:
            return b""
        found = map(self.numbering.position, sorted(self.vanished))
        positions = [position for position in found if position is not None]
        self.vanished.clear()
        if not positions:
            return b""
        self.numbering.remove(positions)
        return b"".join([b"* %d EXPUNGE\r\n" % (position + 1) for position in reversed(positions)])

    def tell_flags(self) -> bytes:
        """FLAGS and PERMANENTFLAGS (RFC 3501 §7.2.6, §7.1)."""
        permanent = b"()" if self.read_only else self.flag_sets.permanent()
        return b"* FLAGS %b\r\n* OK [PERMANENTFLAGS %b] what may be kept\r\n" % (self.flag_sets.applicable(), permanent)

    def tell_message(self, position: int, modseq: int) -> bytes:
        """The untagged FETCH of a message whose flags have changed (RFC 3501 §7.4.2, RFC 7162 §3.2.4)."""
        numbering = self.numbering
        flags = self.flag_sets.rendered[numbering.flag_numbers[position]]
        uid = numbering.uids[position]
        if self.condstore:
            return b"* %d FETCH (UID %d FLAGS %b MODSEQ (%d))\r\n" % (position + 1, uid, flags, modseq)
        return b"* %d FETCH (UID %d FLAGS %b)\r\n" % (position + 1, uid, flags)

    def tell_messages(self, positions: Iterable[int]) -> bytes:
        """The same for many, without modseqs."""
        numbering, rendered = self.numbering, self.flag_sets.rendered
        uids, flag_numbers = numbering.uids, numbering.flag_numbers
        return b"".join(
            [b"* %d FETCH (UID %d FLAGS %b)\r\n" % (at + 1, uids[at], rendered[flag_numbers[at]]) for at in positions]
        )


def uids_at(numbering: Numbering, positions: Sequence[int]) -> array[int]:
    """The UIDs at ascending positions."""
    if isinstance(positions, range):
        return numbering.uids[positions.start : positions.stop]
    return array("I", [numbering.uids[position] for position in positions])
