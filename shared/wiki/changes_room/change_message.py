"""The message about one change of a page: who changed what, and the difference."""

from __future__ import annotations

from binascii import b2a_qp
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from typing import NamedTuple
from urllib.parse import quote

from shared.rooms.posts.list_mail import list_fields
from shared.wiki.changes_room.room import CHANGES
from shared.wiki.diff import unified_diff
from shared.wiki.name import page_path

MOST_COMPARED_OCTETS = 1 << 20  # of both texts: half a second of a thread at the most
MOST_DIFF_CHARACTERS = 200_000
MOST_SUBJECT_CHARACTERS = 255
_LONGEST_LINE_OCTETS = 990  # RFC 5322 §2.1.1: 998
SAVES = ("created", "edited")  # the changes that have a text
_WHAT = {
    "created": "has written the page", "edited": "has changed the page", "deleted": "has deleted the page",
    "undeleted": "has brought back the page", "renamed": "has renamed a page, which now is",
    "attached": "has attached a file to the page", "detached": "has removed a file from the page",
}  # fmt: skip


class ChangeNames(NamedTuple):
    """The names of this server, and the web site's address without a slash at the end."""

    hostname: str
    mail_domain: str
    site_url: str


class PostedChange(NamedTuple):
    """A change with what its message says."""

    id: int  # of page_change
    page_id: int
    name: str  # at the time of the change
    kind: str
    revision: int
    author: str  # the account's name, or a network
    full_name: str  # empty where there is none
    is_member: bool
    comment: str
    changed_at: datetime
    octets: int
    before: tuple[int, int] | None  # the revision before, and its octets


def change_message(
    change: PostedChange, sources: tuple[str, str] | None, identifier: str, root: str | None, names: ChangeNames
) -> bytes:
    """The article. `sources` are the texts before and after; `root` is what its References name."""
    octets = _text(change, sources, names.site_url).encode("utf-8", "replace")
    address = f"{change.author if change.is_member else CHANGES}@{names.mail_domain}"
    subject = f"{change.name}: {change.comment}"[:MOST_SUBJECT_CHARACTERS] if change.comment else change.name
    encoding = "7bit" if octets.isascii() else "8bit"
    if any(len(line) > _LONGEST_LINE_OCTETS for line in octets.split(b"\n")):
        encoding, octets = "quoted-printable", b2a_qp(octets, istext=True)
    head = [
        f"From: {_phrase(change.full_name or change.author or CHANGES)} <{address}>",
        f"Newsgroups: {CHANGES}",
        f"Subject: {_encoded(subject)}",
        f"Date: {format_datetime(change.changed_at.replace(microsecond=0))}",
        f"Message-ID: {identifier}",
        *([] if root is None else [f"References: {root}"]),
        f"Reply-To: {CHANGES}@{names.mail_domain}",  # a reply is a comment, not a letter to the author
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Transfer-Encoding: {encoding}",
    ]
    fields = "".join(f"{field}\r\n" for field in head).encode()
    return b"".join((list_fields([CHANGES], names.mail_domain), fields, b"\r\n", octets.replace(b"\n", b"\r\n")))


def _phrase(name: str) -> str:
    """A display name: quoted, or in encoded words (RFC 2047)."""
    if not name.isascii():
        return _encoded(name)
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _encoded(text: str) -> str:
    """Text in a header; lines of it are short enough as names and comments are bounded."""
    if text.isascii():
        return text
    return Header(text.encode("utf-8", "replace").decode(), "utf-8", maxlinelen=70).encode(linesep="\r\n")


def _text(change: PostedChange, sources: tuple[str, str] | None, site_url: str) -> str:
    who = change.full_name or change.author or "Somebody"
    lines = [f"{who} {_WHAT.get(change.kind, 'has changed the page')} {change.name}, revision {change.revision}.", ""]
    if change.comment:
        lines += [f"    {change.comment}", ""]
    path = page_path(change.name)
    lines.append(f"Page:    {site_url}{path}")
    if change.kind in SAVES:
        old = 0 if change.before is None else change.before[0]
        if old:
            lines.append(f"Changes: {site_url}/diff{quote(path, safe='/%')}?from={old}&to={change.revision}")
        lines += ["", _difference(change, sources, old)]
    return "\n".join(lines) + "\n"


def _difference(change: PostedChange, sources: tuple[str, str] | None, old: int) -> str:
    if sources is None:
        return "The page is too large for the difference to be shown here."
    names = f"{change.name} (revision {old})", f"{change.name} (revision {change.revision})"
    diff = unified_diff(*sources, *names).replace("\r", "").replace("\0", "")
    if len(diff) > MOST_DIFF_CHARACTERS:
        diff = diff[:MOST_DIFF_CHARACTERS] + "\n\\ the difference goes on"
    return diff.rstrip("\n")
