"""`wiki+PageName@`: a message becomes a page."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import make_msgid

import pytest

from shared.accounts.account import Account, Role
from shared.accounts.find_account import find_account
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.robots.tests.build import SITE, a_mail, answering, answers, taken, text_of
from shared.testing.builders import a_member
from shared.wiki.attachments_of import attachments_of
from shared.wiki.page import Author
from shared.wiki.policy import Writers
from shared.wiki.read_page import has_page, read_page
from shared.wiki.rights import set_writers
from shared.wiki.tests.build import saved

HTML_ALONE = a_mail("x", "<p>hello</p>\r\n", Content_Type="text/html")


def with_files(text: str, *files: tuple[str, str, bytes], subject: str = "with pictures") -> bytes:
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Message-ID"] = "alice@example.org", subject, make_msgid(domain="x.test")
    mail.set_content(text)
    for name, kind, octets in files:
        maintype, _, subtype = kind.partition("/")
        mail.add_attachment(octets, maintype, subtype, filename=name)
    return mail.as_bytes().replace(b"\n", b"\r\n")


async def sent(database: Database, bus: Bus, octets: bytes, detail: str = "NewPage", answered: int = 1) -> EmailMessage:
    """alice sends this; the answer."""

    def take(tx: Transaction) -> Account:
        try:
            account = find_account(tx, "alice")
        except Exception:
            account = a_member(tx, "alice")
        taken(tx, account, octets, "wiki", detail)
        return account

    account = await database.transact(take)
    async with answering(database, bus):
        return (await answers(database, account, answered))[-1]


async def test_the_text_is_the_page_and_the_answer_names_it(database: Database, bus: Bus) -> None:
    text = "# Title\r\n\r\nSome text, \u00fc.\r\n-- \r\nAlice\r\n"
    answer = await sent(database, bus, a_mail("the first", text, Content_Type="text/plain; charset=utf-8"))
    page = await database.read(read_page, "NewPage")
    assert page.source == "# Title\n\nSome text, \u00fc.\n"
    assert (page.author, page.comment, page.revision) == ("alice", "the first", 1)
    assert answer["Subject"] == "Saved: NewPage, revision 1"
    assert answer["From"] == "wiki+NewPage@example.org"
    for said in ("Page:     NewPage\n", "Revision: 1\n", f"URL:      {SITE}/NewPage\n"):
        assert said in text_of(answer)


async def test_flowed_text_is_put_together(database: Database, bus: Bus) -> None:
    text = "One paragraph \r\nin two lines.\r\n\r\n  - an item\r\n> quoted \r\n-- \r\nAlice\r\n"
    await sent(database, bus, a_mail("c", text, Content_Type='text/plain; format="flowed"'))
    source = (await database.read(read_page, "NewPage")).source
    assert source.startswith("One paragraph in two lines.\n\n - an item\n")
    assert "Alice" not in source


async def test_a_name_may_have_spaces_segments_and_any_letter(database: Database, bus: Bus) -> None:
    await sent(database, bus, a_mail("c", "x\r\n"), "G%C3%A4rten/Any_Title")
    assert await database.read(has_page, "G\u00e4rten/Any Title")


async def test_files_are_attached_and_the_same_name_is_a_new_revision(database: Database, bus: Bus) -> None:
    picture = ("plan.png", "image/png", b"\x89PNG one")
    answer = await sent(database, bus, with_files("See the plan.", picture, ("notes.txt", "text/plain", b"tea\n")))
    assert "plan.png, revision 1" in text_of(answer)
    assert "notes.txt, revision 1" in text_of(answer)
    other = ("plan.png", "image/png", b"\x89PNG two")
    answer = await sent(database, bus, with_files("See the plan.", other), answered=2)
    assert "had this text already" in text_of(answer)
    files = {file.name: file for file in await database.read(attachments_of, "NewPage")}
    assert {name: file.revision for name, file in files.items()} == {"plan.png": 2, "notes.txt": 1}
    assert (files["plan.png"].media_type, files["plan.png"].comment) == ("image/png", "with pictures")


async def test_files_alone_leave_the_text_and_need_a_page(database: Database, bus: Bus) -> None:
    picture = ("plan.png", "image/png", b"\x89PNG one")
    answer = await sent(database, bus, with_files("", picture))
    assert "there is no such page yet" in text_of(answer)
    await database.transact(saved, "NewPage", "text\n")
    await sent(database, bus, with_files("", picture, subject="again"), answered=2)
    assert (await database.read(read_page, "NewPage")).source == "text\n"
    assert len(await database.read(attachments_of, "NewPage")) == 1


async def test_the_text_of_alternatives_is_taken_and_html_alone_is_refused(database: Database, bus: Bus) -> None:
    answer = await sent(database, bus, HTML_ALONE)
    assert "the message has no plain text, and HTML is not taken" in text_of(answer)
    assert not await database.read(has_page, "NewPage")
    mail = EmailMessage()
    mail["From"], mail["Message-ID"] = "alice@example.org", "<alternatives@x.test>"
    mail.set_content("plain")
    mail.add_alternative("<p>rich</p>", subtype="html")
    await sent(database, bus, mail.as_bytes().replace(b"\n", b"\r\n"), answered=2)
    assert (await database.read(read_page, "NewPage")).source == "plain\n"
    assert not await database.read(attachments_of, "NewPage")


async def test_a_stale_base_is_merged_or_answered_with_the_diff(database: Database, bus: Bus) -> None:
    def make(tx: Transaction) -> None:
        saved(tx, "NewPage", "one\ntwo\nthree\nfour\nfive\n")
        saved(tx, "NewPage", "ONE\ntwo\nthree\nfour\nfive\n")

    await database.transact(make)
    base = {"X_Base_Revision": "1"}
    answer = await sent(database, bus, a_mail("c", "one\r\ntwo\r\nthree\r\nfour\r\nFIVE\r\n", **base))
    assert "Both changes are in" in text_of(answer)
    assert (await database.read(read_page, "NewPage")).source == "ONE\ntwo\nthree\nfour\nFIVE\n"
    answer = await sent(database, bus, a_mail("c", "1\r\ntwo\r\nthree\r\nfour\r\nfive\r\n", **base), answered=2)
    assert answer["Subject"] == "Not saved: NewPage, two changes at once"
    assert "-ONE\n+1\n" in text_of(answer)
    (attached,) = answer.iter_attachments()
    assert (attached.get_content_type(), attached.get_filename()) == ("text/x-diff", "conflict.diff")
    assert (await database.read(read_page, "NewPage")).source == "ONE\ntwo\nthree\nfour\nFIVE\n"


@pytest.mark.parametrize(
    ("detail", "fields", "text", "sentence"),
    [
        ("NewPage", {"X_Base_Revision": "seven"}, "x", "X-Base-Revision is the number of a revision"),
        ("NewPage", {"X_Base_Revision": "7"}, "x", ""),
        ("search", {}, "x", "/search is a path of the site itself and cannot be a page"),
        ("a//b", {}, "x", "the address has no name of a page in it: an empty part"),
        ("NewPage", {}, "  \r\n-- \r\nAlice", "the message is empty"),
    ],
    ids=["no number", "a base of a new page", "reserved", "bad name", "empty"],
)
async def test_what_cannot_be_a_page_is_answered_with_a_sentence(
    database: Database, bus: Bus, detail: str, fields: dict[str, str], text: str, sentence: str
) -> None:
    answer = await sent(database, bus, a_mail("c", f"{text}\r\n", **fields), detail)
    assert sentence in text_of(answer)
    assert str(answer["Subject"]).startswith("Not done: " if sentence else "Saved: ")


async def test_who_may_not_write_the_page_changes_nothing(database: Database, bus: Bus) -> None:
    def make(tx: Transaction) -> None:
        saved(tx, "Rules", "Be kind.\n")
        set_writers(tx, "Rules", Writers.ADMINS, Author(a_member(tx, "root", Role.ADMIN)))

    await database.transact(make)
    answer = await sent(database, bus, with_files("mine", ("a.txt", "text/plain", b"x")), "Rules")
    assert "only admins write this page" in text_of(answer)
    assert (await database.read(read_page, "Rules")).source == "Be kind.\n"
    assert not await database.read(attachments_of, "Rules")
