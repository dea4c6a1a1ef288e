"""`wiki+PageName@`: the text of the message becomes the page, and its files are attached to it."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import unquote

from shared.accounts.account import Account
from shared.database.transaction import Transaction
from shared.messages.reading import Attachment, Text, read_attachments, read_message
from shared.robots.answer import RobotAnswer
from shared.robots.errors import MailUnfit
from shared.robots.parts import RobotParts
from shared.robots.query import RobotQuery
from shared.robots.robot import Work
from shared.runtime.in_thread import in_thread
from shared.wiki.attach import attach
from shared.wiki.attachment import PageFile, file_name
from shared.wiki.attachments_of import attachments_of
from shared.wiki.errors import PageMoved
from shared.wiki.name import check_new_name, page_path
from shared.wiki.page import Author, Page
from shared.wiki.policy import WikiPolicy, check_writing
from shared.wiki.read_page import read_page
from shared.wiki.save_page import MOST_SOURCE_OCTETS, Edit, save_page

DOOR = "mail"
_SIGNATURE = "-- "  # on a line of its own (RFC 3676 §4.3)
# What signs or describes the message rather than being sent with it.
_NOT_FILES = frozenset({"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"})


class PageMail(NamedTuple):
    """A page as it came by mail. `source` None: there are files, and no text."""

    name: str
    source: str | None
    base: int | None
    files: Sequence[tuple[Attachment, bytes]]


async def write_page(parts: RobotParts, query: RobotQuery) -> Work:
    """Read the message; the page and its files are saved by the commit that ends the job.

    Raises MailUnfit, BadPageName, BadFileName.
    """
    account = query.account
    if account is None:
        raise MailUnfit("pages are written by members who have signed in to send the message")
    mail = await in_thread(parts.reactor, read_page_mail, query)

    def work(tx: Transaction) -> RobotAnswer:
        return _save(tx, mail, account, query.subject, parts.policy, parts.site_url)

    return work


def read_page_mail(query: RobotQuery) -> PageMail:
    """The page's name from the address, in which `_` is a space and `%2F` and the like are what they stand for.

    Raises MailUnfit, BadPageName, BadFileName.
    """
    name = check_new_name(unquote(query.detail))
    reading = read_message(query.octets, MOST_SOURCE_OCTETS)
    files = [each for each in read_attachments(query.octets) if each[0].media_type not in _NOT_FILES]
    for attachment, _ in files:
        file_name(attachment.name)
    source = _source(reading.texts)
    if source is None and any(text.is_html for text in reading.texts):
        raise MailUnfit("the message has no plain text, and HTML is not taken: send it as plain text")
    if source is None and not files:
        raise MailUnfit("the message is empty")
    return PageMail(name, source, _base(query.base_revision), files)


def _source(texts: Sequence[Text]) -> str | None:
    """The first plain text without its signature, ended by one LF; None where there is none."""
    for text in texts:
        if text.is_html:
            continue
        if text.is_cut:
            raise MailUnfit(f"a page has at most {MOST_SOURCE_OCTETS} octets")
        lines = text.text.split("\n")
        if _SIGNATURE in lines:
            del lines[lines.index(_SIGNATURE) :]
        source = "\n".join(lines).rstrip()
        return f"{source}\n" if source.strip() else None
    return None


def _base(said: str) -> int | None:
    if not said:
        return None
    if not said.isdecimal() or len(said) > 9:
        raise MailUnfit("X-Base-Revision is the number of a revision")
    return int(said)


def _save(
    tx: Transaction, mail: PageMail, account: Account, comment: str, policy: WikiPolicy, site_url: str
) -> RobotAnswer:
    author = Author(account)
    merged = changed = False
    if mail.source is not None:
        edit = Edit(mail.name, mail.source, author, comment, base=mail.base, door=DOOR)
        saved = save_page(tx, edit, policy)
        name, revision, merged, changed = saved.name, saved.revision, saved.merged, saved.changed
    else:
        page = _page_there(tx, mail.name)
        check_writing(policy, author, page.writers)
        name, revision = page.name, page.revision
    files = _attach(tx, name, mail.files, author, policy, comment)
    what = "is saved" if changed else "had this text already" if mail.source is not None else "has new files"
    lines = [
        f"The page {name} {what}.",
        "",
        f"Page:     {name}",
        f"Revision: {revision}",
        f"URL:      {_url(site_url, name)}",
    ]
    if merged:
        lines += ["", "It had changed since the revision that you edited. Both changes are in."]
    if files:
        lines += ["", "Files:", *(f"    {file.name}, revision {file.revision}" for file in files)]
    lines += ["", f"To change this text again, begin with revision {revision}, and say so: X-Base-Revision: {revision}"]
    return RobotAnswer(f"Saved: {name}, revision {revision}", "\n".join(lines) + "\n")


def _page_there(tx: Transaction, name: str) -> Page:
    """The page, by its new name if it was renamed. Raises PageNotFound."""
    try:
        return read_page(tx, name)
    except PageMoved as moved:
        return read_page(tx, moved.to)


def _attach(
    tx: Transaction,
    page: str,
    files: Sequence[tuple[Attachment, bytes]],
    author: Author,
    policy: WikiPolicy,
    comment: str,
) -> Sequence[PageFile]:
    """A file that the page has already, the same to the octet, gets no new revision."""
    there = {file.name: file for file in attachments_of(tx, page)} if files else {}
    attached: list[PageFile] = []
    for attachment, octets in files:
        name = file_name(attachment.name)
        known = there.get(name)
        if known is None or known.digest != sha256(octets).digest():
            known = attach(tx, page, name, attachment.media_type, octets, author, policy, comment, DOOR)
            there[name] = known
        attached.append(known)
    return attached


def _url(site_url: str, name: str) -> str:
    return site_url + page_path(name)
