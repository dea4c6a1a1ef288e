"""Composing an article from what a person typed: a text, and the article that it answers."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr
from typing import NamedTuple

from shared.errors import DomainError
from shared.messages.base_subject import base_subject
from shared.messages.reading import Reading

MOST_SUBJECT_CHARACTERS = 255
MOST_TEXT_CHARACTERS = 200_000
MOST_REFERENCES = 20  # the first and the newest: RFC 5537 §3.4.4 asks for 998 octets at most
_MOST_REFERENCES_OCTETS = 900
_LONGEST_LINE_OCTETS = 990  # RFC 5322 §2.1.1: 998; longer ones are encoded
_QUOTED_LINES = 200


class Draft(NamedTuple):
    """What somebody typed. `references` end with the article that is answered."""

    subject: str
    text: str
    references: Sequence[bytes] = ()
    media_subtype: str = "plain"  # or markdown (RFC 7763)


class DraftUnfit(DomainError):
    """The draft cannot be an article; `field` names what is wrong, the message is a sentence."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


def compose(draft: Draft, name: str, address: str, rooms: Sequence[str], identifier: bytes | None = None) -> bytes:
    """The article with CR LF line ends; date and, without `identifier`, Message-ID are for posting to put on top.

    `name` is shown as the author's. Raises DraftUnfit.
    """
    subject = draft.subject.strip()
    if not subject:
        raise DraftUnfit("subject", "the subject is empty")
    if len(subject) > MOST_SUBJECT_CHARACTERS:
        raise DraftUnfit("subject", f"the subject is longer than {MOST_SUBJECT_CHARACTERS} characters")
    if any(ord(character) < 32 or ord(character) == 127 for character in subject):
        raise DraftUnfit("subject", "the subject has control characters")
    if not draft.text.strip():
        raise DraftUnfit("text", "the message is empty")
    if len(draft.text) > MOST_TEXT_CHARACTERS:
        raise DraftUnfit("text", f"the message is longer than {MOST_TEXT_CHARACTERS} characters")
    text = draft.text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").rstrip("\n") + "\n"
    message = EmailMessage(SMTP)
    message["From"] = formataddr((_fit(name), address), "utf-8")
    message["Subject"] = _fit(subject)
    if identifier is not None:
        message["Message-ID"] = identifier.decode("ascii")
    text = text.encode("utf-8", "replace").decode()
    is_long = any(len(line.encode()) > _LONGEST_LINE_OCTETS for line in text.split("\n"))
    message.set_content(text, subtype=draft.media_subtype, cte="quoted-printable" if is_long else "8bit")
    # By hand: the email package would encode long names and identifiers as words.
    top = f"Newsgroups: {','.join(rooms)}\r\n".encode()
    if draft.references:
        top += b"References: %b\r\n" % b"\r\n ".join(_bounded(draft.references))
    return top + message.as_bytes()


def reply_subject(subject: str) -> str:
    """`Re: ` and the base subject, whatever prefixes there were."""
    return f"Re: {base_subject(subject).text or subject}"[:MOST_SUBJECT_CHARACTERS]


def references_of_reply(parent: Reading) -> Sequence[bytes]:
    """The References of an answer to `parent` (RFC 5536 §3.2.10)."""
    return (*parent.references, parent.identifier) if parent.identifier else parent.references


def quoted(parent: Reading) -> str:
    """The text of `parent` as an answer quotes it; of HTML nothing, of a long text the beginning."""
    texts = [piece.text for piece in parent.texts if not piece.is_html]
    text = "\n".join(texts).partition("\n-- \n")[0].strip("\n")
    if not text:
        return ""
    lines = text.split("\n")[:_QUOTED_LINES]
    body = "\n".join(f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in lines)
    return f"{parent.author.name} wrote:\n{body}\n\n"


def _fit(text: str) -> str:
    """Text that a header takes: half of a surrogate pair cannot be sent."""
    return text.encode("utf-8", "replace").decode().translate(dict.fromkeys((*range(32), 127), " "))


def _bounded(references: Sequence[bytes]) -> Sequence[bytes]:
    """The first, and as many of the newest as fit."""
    first, *others = references
    chosen: list[bytes] = []
    octets = len(first)
    for each in reversed(others):
        octets += len(each) + 1
        if octets > _MOST_REFERENCES_OCTETS or len(chosen) + 1 >= MOST_REFERENCES:
            break
        chosen.insert(0, each)
    return [first, *chosen]
