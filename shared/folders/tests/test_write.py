"""Ordinary messages are one statement, others go by COPY: either way the same rows are there, octet by octet."""

from __future__ import annotations

import pytest

from shared.database.transaction import Transaction
from shared.folders.append import Append, Appended, AppendTarget, append_entries
from shared.folders.bodies import load_bodies
from shared.folders.keep_message import keep_messages
from shared.folders.rendered import load_rendered
from shared.folders.tests.build import a_message, an_inbox
from shared.folders.write import MOST_OCTETS_INLINE
from shared.testing.builders import folder_by_id

HEADER = b"Subject: %s\r\nDate: Mon, 2 Mar 2026 10:00:00 +0100\r\n\r\n"
EVERY_OCTET_BUT_NUL = bytes(range(1, 256))
OCTETS = {
    "empty": b"",
    "ascii": HEADER % b"tea" + b"At four?\r\n",
    "quotes": HEADER % b"'" + b"it's '' \\' \\\\ \\x41 $1 $$ \" {a,\"b\"} %s %(octets)s %% ; -- /* \r\n",
    "utf-8": HEADER % "Grüße".encode() + "am Nachmittag … 🍵\r\n".encode(),
    "latin-1": HEADER % "Grüße".encode("latin-1") + EVERY_OCTET_BUT_NUL,
    "half of a character": HEADER % b"\xf0\x9f" + b"\xf0\x9f\xc3",
    "nul": HEADER % b"\0" + b"\0\0 binary \0",
    "large": HEADER % b"large" + b"0123456789abcdef" * (MOST_OCTETS_INLINE // 16),
    "exactly as large as a statement takes": b"x" * MOST_OCTETS_INLINE,
}


def kept(tx: Transaction, *octets: bytes) -> list[bytes]:
    """Those octets as they come back."""
    inbox = an_inbox(tx)
    results = append_entries(tx, [Append(a_message(each), [AppendTarget(inbox)]) for each in octets])
    numbers = [result.message_id for result in results if isinstance(result, Appended)]
    stored = dict(load_bodies(tx, numbers))
    sizes = {number: each.size_octets for number, each in load_rendered(tx, numbers).items()}
    assert [sizes[number] for number in numbers] == list(map(len, octets))
    assert folder_by_id(tx, inbox).octets == sum(map(len, octets))
    return [stored.get(number, b"") for number in numbers]


@pytest.mark.parametrize("name", OCTETS)
def test_one_message_comes_back_as_it_came(transaction: Transaction, name: str) -> None:
    assert kept(transaction, OCTETS[name]) == [OCTETS[name]]


@pytest.mark.parametrize("without", [["nul", "large", "exactly as large as a statement takes"], ["nul"], []])
def test_several_come_back_as_they_came(transaction: Transaction, without: list[str]) -> None:
    octets = [each for name, each in OCTETS.items() if name not in without]
    assert kept(transaction, *octets) == octets


def test_each_has_its_own_octets_where_several_begin_alike(transaction: Transaction) -> None:
    octets = [b"ab" * number for number in range(40)]
    assert kept(transaction, *octets) == octets


@pytest.mark.parametrize("name", ["ascii", "nul"])
def test_a_message_may_be_in_no_folder(transaction: Transaction, name: str) -> None:
    (number,) = keep_messages(transaction, [a_message(OCTETS[name])])
    assert dict(load_bodies(transaction, [number])) == {number: OCTETS[name]}
    assert transaction.value("SELECT count(*) FROM entry WHERE message_id = %s", (number,)) == 0


def test_both_ways_leave_the_same_rows(transaction: Transaction) -> None:
    ordinary = b"X: a\r\n" + OCTETS["ascii"]
    rows = []
    for beside in (OCTETS["utf-8"], OCTETS["nul"]):
        inbox = an_inbox(transaction)
        append_entries(transaction, [Append(a_message(each), [AppendTarget(inbox, 1)]) for each in (ordinary, beside)])
        rows.append(
            transaction.row(
                """
                SELECT message.size_octets, received_at, sent_at, envelope, bodystructure, sections, received_zone,
                       chunk, octets, uid, flags, modseq, entry.size_octets
                FROM entry JOIN message ON message.id = entry.message_id JOIN body USING (message_id)
                WHERE folder_id = %s AND uid = 1
                """,
                (inbox,),
            )
        )
    assert rows[0] == rows[1]
    assert rows[0] is not None
