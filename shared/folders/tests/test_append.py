"""The write path: numbers, counters, refusals, and the octets themselves."""

from __future__ import annotations

import mmap
import tempfile
from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.folders.append import Append, Appended, AppendTarget, Place, append_entries
from shared.folders.bodies import load_bodies, load_range
from shared.folders.channel import FolderChanged
from shared.folders.create_folder import create_folder, create_unselectable
from shared.folders.errors import (
    BadKeyword,
    FolderNotFound,
    FolderNotSelectable,
    MessageNotFound,
    QuotaExceeded,
    TooManyKeywords,
)
from shared.folders.flags import FLAGGED, SEEN
from shared.folders.message import NewMessage
from shared.folders.open_folder import open_folder
from shared.folders.rendered import load_rendered
from shared.folders.tests.build import RECEIVED_AT, a_folder, a_message, an_inbox, an_owner, put
from shared.folders.write import MOST_OCTETS_INLINE
from shared.messages.render import Rendered
from shared.testing.builders import folder_by_id

TEA = b"Subject: tea\r\nDate: Mon, 2 Mar 2026 10:00:00 +0100\r\n\r\nAt four?\r\n"


def append(tx: Transaction, *items: Append) -> list[Appended | DomainError]:
    return list(append_entries(tx, items))


def places(result: Appended | DomainError) -> list[Place]:
    assert isinstance(result, Appended), result
    return [place for place in result.places if isinstance(place, Place)]


@pytest.mark.parametrize("copies", [1, 3, 40])  # by a statement, and by COPY
def test_messages_are_numbered_in_the_order_of_the_items(transaction: Transaction, copies: int) -> None:
    inbox = an_inbox(transaction)
    bodies = [b"Subject: %d\r\n\r\n" % number + b"tea\r\n" * 400 for number in range(copies)]
    assert (sum(map(len, bodies)) > MOST_OCTETS_INLINE) == (copies == 40)

    results = append(transaction, *(Append(a_message(octets), [AppendTarget(inbox)]) for octets in bodies))

    assert [place.uid for result in results for place in places(result)] == list(range(1, copies + 1))
    snapshot = open_folder(transaction, inbox)
    stored = dict(load_bodies(transaction, snapshot.message_ids))
    assert [stored[message_id] for message_id in snapshot.message_ids] == bodies


@pytest.mark.parametrize("copies", [1, 40])
def test_counters_of_the_folder_follow(transaction: Transaction, copies: int) -> None:
    inbox = an_inbox(transaction)
    before = folder_by_id(transaction, inbox)

    items = [Append(a_message(TEA), [AppendTarget(inbox, SEEN if number % 2 else 0)]) for number in range(copies)]
    results = append(transaction, *items)

    after = folder_by_id(transaction, inbox)
    assert after.messages == copies
    assert after.unseen == (copies + 1) // 2
    assert after.octets == copies * len(TEA)
    assert after.uidnext == copies + 1
    assert after.highest_modseq == before.highest_modseq + 1
    assert isinstance(results[0], Appended)
    assert transaction.commit() == [FolderChanged(inbox, after.highest_modseq)]  # one for all of them


@pytest.mark.parametrize("copies", [1, 40])
def test_what_was_rendered_comes_back_as_it_was(transaction: Transaction, copies: int) -> None:
    inbox = an_inbox(transaction)
    message = a_message(TEA)

    results = append(transaction, *[Append(message, [AppendTarget(inbox)])] * copies)

    for result in results:
        assert isinstance(result, Appended)
        stored = load_rendered(transaction, [result.message_id])[result.message_id]
        assert stored.size_octets == len(TEA)
        assert stored.received_at == RECEIVED_AT
        assert stored.sent_at == datetime(2026, 3, 2, 10)
        assert stored.envelope == message.rendered.envelope
        assert stored.bodystructure == message.rendered.bodystructure
        assert stored.sections == message.rendered.sections


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 3, 1, 2, 3, 4, 5, tzinfo=UTC),
        datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(99, 2, 3, 4, 5, 6, tzinfo=UTC),
        datetime(2026, 3, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
        datetime(2026, 3, 1, 2, 3, 4, tzinfo=timezone(timedelta(0))),
    ],
    ids=str,
)
def test_the_time_it_came_comes_back_to_the_microsecond(transaction: Transaction, moment: datetime) -> None:
    message = a_message(b"Date: Fri, 3 Feb 0099 04:05:06 -0700\r\n\r\n")._replace(received_at=moment)
    (result,) = append(transaction, Append(message, [AppendTarget(an_inbox(transaction))]))
    assert isinstance(result, Appended)
    stored = load_rendered(transaction, [result.message_id])[result.message_id]
    assert (stored.received_at, stored.received_at.utcoffset()) == (moment, moment.utcoffset())
    assert stored.sent_at == message.rendered.sent_at


def test_one_message_in_several_folders_is_stored_once(transaction: Transaction) -> None:
    folders = [an_inbox(transaction) for _ in range(3)]

    (result,) = append(transaction, Append(a_message(), [AppendTarget(folder) for folder in reversed(folders)]))

    assert [place.folder_id for place in places(result)] == folders[::-1]
    assert transaction.value("SELECT count(*) FROM message") == 1
    assert len({open_folder(transaction, folder).message_ids[0] for folder in folders}) == 1


def test_a_folder_named_twice_gets_one_copy(transaction: Transaction) -> None:
    inbox = an_inbox(transaction)
    (result,) = append(transaction, Append(a_message(), [AppendTarget(inbox), AppendTarget(inbox)]))
    assert [place.uid for place in places(result)] == [1, 1]
    assert folder_by_id(transaction, inbox).messages == 1


def test_a_missing_folder_refuses_its_own_item_only(transaction: Transaction) -> None:
    inbox = an_inbox(transaction)
    bad = Append(a_message(), [AppendTarget(inbox), AppendTarget(987654)])

    first, second, third = append(
        transaction, Append(a_message(), [AppendTarget(inbox)]), bad, Append(a_message(), [AppendTarget(inbox)])
    )

    assert isinstance(second, FolderNotFound)
    assert places(first)[0].uid == 1
    assert places(third)[0].uid == 2
    assert transaction.value("SELECT count(*) FROM message") == 2


def test_only_missing_folders_write_nothing(transaction: Transaction) -> None:
    (result,) = append(transaction, Append(a_message(), [AppendTarget(987654)]))
    assert isinstance(result, FolderNotFound)
    assert transaction.value("SELECT count(*) FROM message") == 0


def test_a_name_that_only_holds_inferiors_takes_no_message(transaction: Transaction) -> None:
    folder = create_unselectable(transaction, an_owner(transaction), "holder")
    (result,) = append(transaction, Append(a_message(), [AppendTarget(folder)]))
    assert isinstance(result, FolderNotSelectable)


def test_quota_counts_what_came_earlier_in_the_same_gathering(transaction: Transaction) -> None:
    full, roomy = an_inbox(transaction, quota_octets=2 * len(TEA)), an_inbox(transaction)
    items = [Append(a_message(TEA), [AppendTarget(full)]) for _ in range(3)] + [
        Append(a_message(TEA), [AppendTarget(roomy)])
    ]

    results = append(transaction, *items)

    assert [type(result) for result in results] == [Appended, Appended, QuotaExceeded, Appended]
    assert folder_by_id(transaction, full).octets == 2 * len(TEA)
    (later,) = append(transaction, Append(a_message(TEA), [AppendTarget(full)]))
    assert isinstance(later, QuotaExceeded)


def test_a_refused_item_gives_back_the_room_it_took(transaction: Transaction) -> None:
    inbox = an_inbox(transaction, quota_octets=len(TEA))
    results = append(
        transaction,
        Append(a_message(TEA), [AppendTarget(inbox), AppendTarget(987654)]),
        Append(a_message(TEA), [AppendTarget(inbox)]),
    )
    assert [type(result) for result in results] == [FolderNotFound, Appended]


def test_with_groups_one_folder_of_each_is_enough(transaction: Transaction) -> None:
    full, roomy, other = an_inbox(transaction, quota_octets=1), an_inbox(transaction), an_inbox(transaction)
    targets = [AppendTarget(full), AppendTarget(roomy), AppendTarget(other)]

    kept, refused = append(
        transaction,
        Append(a_message(), targets, one_of_each=[[full, roomy], [other]]),
        Append(a_message(), targets, one_of_each=[[full], [roomy, other]]),
    )

    assert isinstance(kept, Appended)
    assert [type(place) for place in kept.places] == [QuotaExceeded, Place, Place]
    assert {event.folder_id for event in transaction.commit()} == {roomy, other}
    assert isinstance(refused, QuotaExceeded)
    assert folder_by_id(transaction, roomy).messages == 1


def test_keywords_get_a_bit_once_whatever_their_case(transaction: Transaction) -> None:
    inbox = an_inbox(transaction)
    append(
        transaction,
        Append(a_message(), [AppendTarget(inbox, FLAGGED, ["$Forwarded", "tea"])]),
        Append(a_message(), [AppendTarget(inbox, 0, ["TEA", "$forwarded"])]),
    )
    snapshot = open_folder(transaction, inbox)
    assert sorted(snapshot.keywords.values()) == ["$Forwarded", "tea"]
    assert snapshot.flags[0] == snapshot.flags[1] | FLAGGED


def test_the_fifty_ninth_keyword_is_refused_and_leaves_nothing(transaction: Transaction) -> None:
    inbox = an_inbox(transaction)
    put(transaction, inbox, keywords=[f"k{number}" for number in range(58)])
    results = append(
        transaction,
        Append(a_message(), [AppendTarget(inbox, 0, ["one-more"])]),
        Append(a_message(), [AppendTarget(inbox, 0, ["k57"])]),
        Append(a_message(), [AppendTarget(inbox, 0, ["(bad"])]),
    )
    assert [type(result) for result in results] == [TooManyKeywords, Appended, BadKeyword]
    assert folder_by_id(transaction, inbox).messages == 2


@pytest.mark.parametrize("size", [0, 1, 1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1, 5 * 1024 * 1024 // 2])
def test_every_size_comes_back_byte_for_byte(transaction: Transaction, size: int) -> None:
    inbox = an_inbox(transaction)
    octets = (b"0123456789abcde\n" * (size // 16 + 1))[:size]
    with tempfile.TemporaryFile() as file:
        file.write(octets or b"x")
        file.flush()
        mapped: bytes | mmap.mmap = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
        message = NewMessage(mapped, RECEIVED_AT, Rendered(size, None, b"()", b"()", b""))
        (result,) = append(transaction, Append(message, [AppendTarget(inbox)]))

    assert isinstance(result, Appended)
    assert dict(load_bodies(transaction, [result.message_id])).get(result.message_id, b"") == octets
    assert load_range(transaction, result.message_id, 0, size + 10) == octets
    for start, end in ((0, 0), (3, 7), (1024 * 1024 - 5, 1024 * 1024 + 5), (size - 3, size), (size, size + 1)):
        if start >= 0:
            assert load_range(transaction, result.message_id, start, end) == octets[start:end], (start, end)


def test_a_range_of_nothing_there_is_told(transaction: Transaction) -> None:
    with pytest.raises(MessageNotFound):
        load_range(transaction, 987654, 0, 10)


def test_a_folder_made_again_has_another_uidvalidity(transaction: Transaction) -> None:
    account = an_owner(transaction)
    first = create_folder(transaction, account, "x")
    transaction.execute("DELETE FROM folder WHERE id = %s", (first.id,))
    assert create_folder(transaction, account, "x").uidvalidity > first.uidvalidity


def test_folders_of_nobody_take_messages_too(transaction: Transaction) -> None:
    folder = create_folder(transaction, None, "news/local.test")
    assert put(transaction, folder.id, 2) == [1, 2]
    assert a_folder(transaction) != folder.id
