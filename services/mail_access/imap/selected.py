"""The selected mailbox: what this client was told of it, and how it learns what others did since."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence

from services.mail_access.imap.flag_sets import FlagSets
from services.mail_access.imap.mailbox import Mailbox
from services.mail_access.imap.numbering import AT_ONCE, Numbering
from services.mail_access.imap.values.flags import RECENT, STORED
from shared.events.watches import Watch
from shared.folders.changes import Changes
from shared.folders.open_folder import Snapshot

# Whether a change need not be sent to the client; given the message's position, the flags that the client knew, the
# flags now.
Quiet = Callable[[int, int, int], bool]

NO_NEWS = 0
MISSED = 1 << 63  # above every modseq: there may be changes of which no event has come


class Selected:
    """A mailbox as of the position `modseq`, except that vanished messages stay until EXPUNGE may be sent.

    Methods give the untagged responses that tell the client what they changed; `take_in` and `expunge` step by step,
    for ImapSession.tell, which lets others have their turn in between. Message numbers change nowhere else.
    """

    __slots__ = (
        "condstore",
        "folder_id",
        "mailbox",
        "modseq",
        "name",
        "news",
        "numbering",
        "read_only",
        "uidnext",
        "uidvalidity",
        "vanished",
        "watches",
    )

    def __init__(self, mailbox: Mailbox, snapshot: Snapshot, read_only: bool, recent_from: int) -> None:
        """Messages from the UID `recent_from` on are recent to this session."""
        self.mailbox = mailbox
        folder = snapshot.folder
        self.folder_id = folder.id
        self.name = folder.name
        self.uidvalidity = folder.uidvalidity
        self.uidnext = folder.uidnext
        self.modseq = folder.highest_modseq
        self.read_only = read_only
        self.condstore = False  # the client is told modseqs (RFC 7162 §3.1)
        flag_sets = FlagSets(snapshot.keywords)
        self.numbering = Numbering(snapshot.uids, snapshot.message_ids, snapshot.flags, flag_sets)
        if snapshot.uids and snapshot.uids[-1] >= recent_from:
            self.numbering.add_flag_from(bisect_left(snapshot.uids, recent_from), RECENT)
        self.vanished: set[int] = set()  # UIDs that are gone and still have their number here
        self.news = NO_NEWS  # the modseq up to which an event has said that there is something to read
        self.watches: Sequence[Watch] = ()

    def hear(self, modseq: int | None) -> bool:
        """Note that the folder is at `modseq`, or (None) that events may have been missed; whether it is news."""
        if modseq is not None and not self.mailbox.is_after(modseq, self.modseq):
            return False
        self.news = MISSED if modseq is None else self.mailbox.joined(modseq, self.news)
        return True

    @property
    def flag_sets(self) -> FlagSets:
        return self.numbering.flag_sets

    def leave(self) -> None:
        """End the watch of this session."""
        for watch in self.watches:
            watch.stop()
        self.watches = ()

    def take_in(self, changes: Changes, recent_from: int, quiet: Quiet | None = None) -> Iterator[bytes]:
        """Take in changed flags and arrivals, whoever made them, and give the responses that tell of them; vanished
        messages wait for `expunge`.

        Arrivals from the UID `recent_from` on are recent to this session. Interrupted, it may be done again.
        """
        if changes.keywords is not None and self.flag_sets.learn(changes.keywords):
            yield self.tell_flags()
        numbering = self.numbering
        first_new = bisect_right(changes.uids, numbering.uids[-1]) if numbering.uids else 0
        for start in range(0, first_new, AT_ONCE):
            yield self._change(changes, start, min(start + AT_ONCE, first_new), quiet)
        if first_new < len(changes.uids):
            for start in range(first_new, len(changes.uids), AT_ONCE):
                yield self._add(changes, start, start + AT_ONCE, recent_from)
            yield self.tell_size()
        for start in range(0, len(changes.vanished), AT_ONCE):
            some = changes.vanished[start : start + AT_ONCE]
            self.vanished.update([uid for uid in some if numbering.position(uid) is not None])
            yield b""
        self.modseq = changes.folder.highest_modseq
        self.uidnext = changes.folder.uidnext
        for _ in numbering.forgetting():
            yield b""

    def _change(self, changes: Changes, start: int, stop: int, quiet: Quiet | None) -> bytes:
        """Take in some of the changed flags."""
        numbering = self.numbering
        told: list[bytes] = []
        uids, new_flags, modseqs = changes.uids[start:stop], changes.flags[start:stop], changes.modseqs[start:stop]
        for position, flags, modseq in zip(numbering.positions(uids), new_flags, modseqs, strict=True):
            if position is None:
                continue
            before = numbering.mask(position)
            numbering.set_mask(position, flags | (before & RECENT))
            if quiet is None or not quiet(position, before & STORED, flags):
                told.append(self.tell_message(position, modseq))
        return b"".join(told)

    def _add(self, changes: Changes, start: int, stop: int, recent_from: int) -> bytes:
        uids, flags = changes.uids[start:stop], changes.flags[start:stop]
        masks = [mask | RECENT if uid >= recent_from else mask for uid, mask in zip(uids, flags, strict=True)]
        self.numbering.extend(uids, changes.message_ids[start:stop], masks)
        return b""

    def tell_size(self) -> bytes:
        """EXISTS and RECENT (RFC 3501 §7.3.1, §7.3.2)."""
        return b"* %d EXISTS\r\n* %d RECENT\r\n" % (len(self.numbering), self.numbering.count(RECENT))

    def expunge(self) -> Iterator[bytes]:
        """Give an EXPUNGE for each vanished message, the highest number first, so that the other numbers stay right."""
        if not self.vanished:
            return
        numbering = self.numbering
        gone, positions = sorted(self.vanished), array("I")
        for start in range(0, len(gone), AT_ONCE):
            found = map(numbering.position, gone[start : start + AT_ONCE])
            positions.extend([position for position in found if position is not None])
            yield b""
        for _ in numbering.removing(positions):
            yield b""
        self.vanished.clear()
        positions.reverse()
        for start in range(0, len(positions), AT_ONCE):
            some = positions[start : start + AT_ONCE]
            yield b"".join([b"* %d EXPUNGE\r\n" % (position + 1) for position in some])

    def tell_flags(self) -> bytes:
        """FLAGS and PERMANENTFLAGS (RFC 3501 §7.2.6, §7.1)."""
        permanent = b"()" if self.read_only else self.mailbox.permanent(self.flag_sets)
        return b"* FLAGS %b\r\n* OK [PERMANENTFLAGS %b] the flags that are kept\r\n" % (
            self.mailbox.applicable(self.flag_sets),
            permanent,
        )

    def tell_message(self, position: int, modseq: int) -> bytes:
        """The untagged FETCH of a message whose flags have changed (RFC 3501 §7.4.2, RFC 7162 §3.2.4)."""
        numbering = self.numbering
        flags = self.flag_sets.rendered[numbering.flag_numbers[position]]
        uid = numbering.uids[position]
        if self.condstore:
            return b"* %d FETCH (UID %d FLAGS %b MODSEQ (%d))\r\n" % (position + 1, uid, flags, modseq)
        return b"* %d FETCH (UID %d FLAGS %b)\r\n" % (position + 1, uid, flags)

    def tell_messages(self, positions: Sequence[int]) -> Iterator[bytes]:
        """The same for many, without modseqs."""
        numbering, rendered = self.numbering, self.flag_sets.rendered
        uids, numbers = numbering.uids, numbering.flag_numbers
        for start in range(0, len(positions), AT_ONCE):
            some = positions[start : start + AT_ONCE]
            yield b"".join(
                [b"* %d FETCH (UID %d FLAGS %b)\r\n" % (at + 1, uids[at], rendered[numbers[at]]) for at in some]
            )


def uids_at(numbering: Numbering, positions: Sequence[int]) -> array[int]:
    """The UIDs at ascending positions."""
    if isinstance(positions, range):
        return numbering.uids[positions.start : positions.stop]
    return array("I", map(numbering.uids.__getitem__, positions))
