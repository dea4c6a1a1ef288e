"""The search through a mailbox for the messages that satisfy a tree of keys: cheap keys first, then text."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from services.mail_access.imap.message_set import marks_of_set, marks_of_uids, slices
from services.mail_access.imap.searching.facts import Facts
from services.mail_access.imap.searching.marks import Marks, all_of, from_octets, from_positions, positions
from services.mail_access.imap.searching.texts import MESSAGES_AT_ONCE, Texts
from services.mail_access.imap.selected import Selected
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.values import search as keys
from services.mail_access.imap.values.search import SearchKey
from shared.folders.modseqs import Modseqs

KEPT_OCTETS = 4 * 1024 * 1024  # of answers to keys that may come again: 64 of them for 65,536 messages


class Searcher:
    """Works on sets of messages (marks.py), lets others have their turn, and answers each cheap key once.

    The numbering does not change meanwhile: updates are sent after the search.
    """

    def __init__(self, session: ImapSession, selected: Selected, saved_uids: array[int]) -> None:
        self._cache = session.parts.message_cache
        self._database = session.parts.database
        self._give_way = session.give_way
        self._selected = selected
        self._numbering = selected.numbering
        self._saved_uids = saved_uids
        self._texts = Texts(self._cache, session.claim)
        self._facts = Facts(self._cache, selected.numbering.message_ids, session.give_way)
        self._modseqs: Modseqs | None = None
        self._answers: dict[SearchKey, Marks] = {}
        self._room = KEPT_OCTETS

    async def find(self, key: SearchKey) -> Sequence[int]:
        """The positions of all messages that satisfy `key`, ascending. Raises StoreUnavailable."""
        count = len(self._numbering)
        return positions(await self._among(key, all_of(count)), count)

    async def greatest_modseq(self, found: Sequence[int]) -> int:
        """The greatest modseq of these messages, never above the position that the client knows."""
        modseqs, uids = await self._all_modseqs(), self._numbering.uids
        greatest = 1
        for some in slices(found):
            greatest = max(greatest, *modseqs.of([uids[at] for at in some], absent=1))
            await self._give_way()
        now = self._selected.modseq
        return now if self._selected.mailbox.is_after(greatest, now) else greatest

    async def _among(self, key: SearchKey, among: Marks) -> Marks:
        """Those of `among` that satisfy `key`."""
        await self._give_way()
        if not among:
            return among
        match key:
            case keys.And():
                for part in sorted(dict.fromkeys(key.keys), key=cost):
                    among = await self._among(part, among)
                return among
            case keys.Or():
                first, second = sorted((key.one, key.other), key=cost)
                found = await self._among(first, among)
                return found | await self._among(second, among ^ found)
            case keys.Not():
                return among ^ await self._among(key.key, among)
            case keys.All():
                return among
        if cost(key) == 0:
            return among & await self._answer(key)
        if isinstance(key, keys.LargerThan | keys.SmallerThan | keys.Received | keys.Sent):
            return await self._facts.matching(key, among)
        return await self._looked_up(key, positions(among, len(self._numbering)))

    async def _answer(self, key: SearchKey) -> Marks:
        """All messages that satisfy a key which is answered from the session's memory."""
        marks = self._answers.get(key)
        if marks is None:
            marks = from_octets(await self._marked(key))
            if self._room >= len(self._numbering):
                self._room -= len(self._numbering)
                self._answers[key] = marks
        return marks

    async def _marked(self, key: SearchKey) -> bytes | bytearray:
        numbering = self._numbering
        match key:
            case keys.HasFlag():
                return numbering.having(key.mask)
            case keys.HasKeyword():
                return numbering.having(numbering.flag_sets.mask_of([key.name]) or 0)
            case keys.SavedResult():
                return await marks_of_uids(numbering, self._saved_uids, self._give_way)
            case keys.InSet():
                return await marks_of_set(numbering, key.numbers, key.uid, self._give_way)
        raise AssertionError(f"no way to search for {key}")

    async def _looked_up(self, key: SearchKey, among: Sequence[int]) -> Marks:
        found = array("I")
        match key:
            case keys.ChangedSince():
                modseqs, uids = await self._all_modseqs(), self._numbering.uids
                mailbox = self._selected.mailbox
                known = mailbox.before(key.modseq)
                for some in slices(among):
                    each = modseqs.of([uids[at] for at in some], absent=0)
                    found.extend(mailbox.changed_after(some, each, known))
                    await self._give_way()
            case keys.InHeader() | keys.InBody() | keys.InText():
                for some in slices(among, MESSAGES_AT_ONCE):
                    found.extend(await self._by_text(key, some))
                    await self._give_way()
            case _:
                raise AssertionError(f"no way to search for {key}")
        return from_positions(len(self._numbering), found)

    async def _by_text(self, key: keys.InHeader | keys.InBody | keys.InText, among: Sequence[int]) -> Sequence[int]:
        ids = self._numbering.message_ids
        found = await self._texts.matching(key, [ids[at] for at in among])
        return [at for at in among if ids[at] in found]

    async def _all_modseqs(self) -> Modseqs:
        if self._modseqs is None:
            modseqs = self._selected.mailbox.modseqs
            self._modseqs = await self._database.read(modseqs, 1, self._selected.uidnext)
        return self._modseqs


def cost(key: SearchKey) -> int:
    """The cost of a key: 0 is answered from the session's memory, 1 takes one small query, 2 reads headers, 3 reads
    whole messages.

    Cheap keys come first.
    """
    match key:
        case keys.And():
            return max(map(cost, key.keys))
        case keys.Or():
            return max(cost(key.one), cost(key.other))
        case keys.Not():
            return cost(key.key)
        case keys.LargerThan() | keys.SmallerThan() | keys.Received() | keys.Sent() | keys.ChangedSince():
            return 1
        case keys.InHeader():
            return 2
        case keys.InBody() | keys.InText():
            return 3
    return 0
