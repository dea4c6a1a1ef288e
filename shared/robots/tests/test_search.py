"""`search@`: what the answer is, and what a stranger finds."""

from __future__ import annotations

import pytest

from shared.accounts.account import Account
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.mail.robots import ROBOTS
from shared.robots.table import TABLE
from shared.robots.tests.build import SITE, a_mail, answering, answers, identifier_of, taken, text_of
from shared.rooms.room import Readers
from shared.rooms.subscriptions.tests.build import inbox
from shared.rooms.tests.build import a_post, an_article, an_open_room, posted
from shared.testing.builders import a_member
from shared.wiki.policy import WikiPolicy
from shared.wiki.tests.build import saved

QUERY = a_mail("marmalade recipe", Reply_To="Alice at home <alice@home.test>")


def make_pages(tx: Transaction) -> Account:
    saved(tx, "Marmalade", "# Marmalade recipe\n\nOranges, see WikiHome.\n")
    saved(tx, "Other", "A recipe that is no marmalade of its own. recipe marmalade\n")
    return a_member(tx, "alice")


async def test_the_first_result_is_attached_and_the_others_are_named(database: Database, bus: Bus) -> None:
    alice = await database.transact(make_pages)
    await database.transact(taken, alice, QUERY)
    async with answering(database, bus):
        (answer,) = await answers(database, alice)
    assert answer["From"] == "search@example.org"
    assert answer["To"] == "alice@home.test"
    assert answer["Subject"] == "First result for 'marmalade recipe'"
    assert answer["In-Reply-To"] == answer["References"] == identifier_of(QUERY)
    assert answer["Auto-Submitted"] == "auto-replied"
    assert answer["Return-Path"] == "<>"
    assert answer.get_content_type() == "multipart/mixed"
    text, page = answer.iter_parts()
    assert text.get_content_type() == "text/plain"
    said = text.get_content().replace("\r\n", "\n")
    assert said.startswith(f"The first result for 'marmalade recipe' is:\n\n{SITE}/Marmalade\n")
    assert f"\n{SITE}/Other\n" in said
    assert page.get_content_type() == "text/html"
    assert page["Content-Location"] == f"{SITE}/Marmalade"
    assert '<a href="/WikiHome">WikiHome</a>' in page.get_content()


async def test_a_message_is_attached_byte_for_byte(database: Database, bus: Bus) -> None:
    octets = an_article("Zest of oranges", body="Grat\u00e9, 8-bit.\r\n-- \r\nBob\r\n")

    def make(tx: Transaction) -> Account:
        posted(tx, a_post(an_open_room(tx), octets=octets))
        return a_member(tx, "alice")

    alice = await database.transact(make)
    for words in ("zest oranges", "GRAT\u00c9 8-bit"):  # in its Subject, in its text
        await database.transact(taken, alice, a_mail(words))
    async with answering(database, bus):
        for answer in await answers(database, alice, 2):
            assert f"\n{SITE}/rooms/local.knitting/1\n" in text_of(answer)
    for kept in await database.read(inbox, alice):
        assert b"\r\n\r\n" + octets + b"\r\n--" in kept


async def test_no_hit_and_an_empty_subject_have_one_text(database: Database, bus: Bus) -> None:
    alice = await database.transact(make_pages)
    await database.transact(taken, alice, a_mail("xyzzy plugh"))
    await database.transact(taken, alice, a_mail(""))
    async with answering(database, bus):
        nothing, usage = await answers(database, alice, 2)
    assert "There is no result for 'xyzzy plugh'." in nothing.get_content()
    assert nothing.get_content_type() == usage.get_content_type() == "text/plain"
    assert "into the Subject" in usage.get_content()


async def test_a_subject_in_any_script_comes_back_in_the_answer(database: Database, bus: Bus) -> None:
    alice = await database.transact(make_pages)
    await database.transact(taken, alice, a_mail("=?utf-8?q?orangenmarmelade_s=C3=BC=C3=9F?="))
    async with answering(database, bus):
        (answer,) = await answers(database, alice)
    assert answer["Subject"] == "No result for 'orangenmarmelade s\u00fc\u00df'"


@pytest.mark.parametrize("proved", [True, False], ids=["member", "stranger"])
async def test_a_stranger_finds_what_everybody_may_read(database: Database, bus: Bus, proved: bool) -> None:
    def make(tx: Transaction) -> Account:
        saved(tx, "Secret", "marmalade\n")
        posted(tx, a_post(an_open_room(tx, "local.members", reading=Readers.MEMBERS), octets=an_article("marmalade")))
        posted(tx, a_post(an_open_room(tx, "local.open"), octets=an_article("marmalade")))
        return a_member(tx, "alice")

    alice = await database.transact(make)
    await database.transact(taken, alice, a_mail("marmalade"), proved=proved)
    async with answering(database, bus, policy=WikiPolicy(reading="members")):
        (answer,) = await answers(database, alice)
    said = text_of(answer)
    assert "/rooms/local.open/1" in said
    assert ("/Secret" in said, "/rooms/local.members/1" in said) == (proved, proved)


async def test_what_is_cancelled_or_crossposted_is_found_once_at_most(database: Database, bus: Bus) -> None:
    def make(tx: Transaction) -> Account:
        one, two = an_open_room(tx, "local.one"), an_open_room(tx, "local.two")
        posted(tx, a_post(one, two, octets=an_article("marmalade")))
        posted(tx, a_post(one, octets=an_article("marmalade gone")))
        tx.execute("UPDATE article SET cancelled_at = now() WHERE folder_id = %s AND uid = 2", (one.folder_id,))
        return a_member(tx, "alice")

    alice = await database.transact(make)
    await database.transact(taken, alice, a_mail("marmalade"))
    async with answering(database, bus):
        (answer,) = await answers(database, alice)
    assert text_of(answer).count(f"{SITE}/rooms/") == 1


def test_every_robot_that_posts_to_no_room_has_its_function() -> None:
    assert TABLE.keys() == {name for name, kind in ROBOTS.items() if not kind.room}
