"""A message for reading: who wrote it, its text, and what is attached to it.

Of alternatives plain text is preferred, then HTML. A message inside a message is an attachment. Everything that the
message's author can make large has a bound here; the raw message has all of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from shared.messages.charset import decode
from shared.messages.encoded_words import decode_words
from shared.messages.fields import unfold
from shared.messages.header_fields import HeaderFields
from shared.messages.parameters import read_disposition
from shared.messages.part import Kind, Part
from shared.messages.people import Person, first_person
from shared.messages.scan import scan, walk
from shared.messages.thread_header import read_thread_header
from shared.messages.transfer_encoding import decode_transfer

MOST_TEXT_OCTETS = 256 << 10  # of all text of a message that is shown; a long novel has a megabyte
MOST_PIECES = 20  # of text
MOST_ATTACHMENTS = 100
MOST_FILE_NAME_CHARACTERS = 150  # most file systems take 255 octets
_HEADER_OCTETS = 256 << 10  # as in shared/messages/scan.py
_UNFIT_IN_NAMES = dict.fromkeys(
    (*range(32), *map(ord, '/\\:*?"<>|'), 127, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
)


class Text(NamedTuple):
    """A piece of the message's text, with LF line ends; HTML is as its author wrote it, not made safe."""

    text: str
    is_html: bool
    is_cut: bool
    is_markdown: bool = False  # text/markdown (RFC 7763)


class Attachment(NamedTuple):
    """What is attached. `number` is that of the part, counted from 0 in the order of their octets."""

    number: int
    name: str  # a file name without a folder, never empty
    media_type: str  # in lower case, type/subtype
    octets: int  # as they lie in the message; base64 is a third larger than the file


class Reading(NamedTuple):
    """Everything that a page about the message shows."""

    subject: str
    author: Person
    sent_at: datetime | None
    identifier: bytes
    references: tuple[bytes, ...]
    texts: Sequence[Text]
    attachments: Sequence[Attachment]


def read_message(octets: bytes, most_text_octets: int = MOST_TEXT_OCTETS) -> Reading:
    """Never raises. Takes some milliseconds for a message of a megabyte."""
    root = scan(octets)
    header = octets[root.header_start : min(root.body_start, _HEADER_OCTETS)]
    facts = read_thread_header(header)
    fields = HeaderFields(header)
    author = fields.first(b"from")
    texts, attachments = _chosen(root)
    return Reading(
        subject=facts.subject,
        author=first_person(b"" if author is None else unfold(fields.value(author)).strip()),
        sent_at=facts.sent_at,
        identifier=facts.identifier,
        references=facts.references,
        texts=_texts(octets, texts, most_text_octets),
        attachments=[_attachment(part, number) for part, number in attachments[:MOST_ATTACHMENTS]],
    )


def read_attachment(octets: bytes, number: int) -> tuple[Attachment, bytes] | None:
    """The attachment with its content, decoded; None where the message has no such part, or it is a multipart."""
    for at, part in enumerate(walk(scan(octets))):
        if at == number:
            if part.kind is Kind.MULTIPART:
                return None
            content = decode_transfer(octets[part.body_start : part.end], part.encoding)
            return _attachment(part, number), content
    return None


def read_attachments(octets: bytes) -> Iterator[tuple[Attachment, bytes]]:
    """All attachments with their content, decoded, one after the other; of messages inside, the whole message."""
    for part, number in _chosen(scan(octets))[1][:MOST_ATTACHMENTS]:
        yield _attachment(part, number), decode_transfer(octets[part.body_start : part.end], part.encoding)


def _chosen(root: Part) -> tuple[list[Part], list[tuple[Part, int]]]:
    """The parts that are the text, and those that are attached, with their numbers."""
    numbers = {part: number for number, part in enumerate(walk(root))}
    texts: list[Part] = []
    attachments: list[tuple[Part, int]] = []
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if part.kind is Kind.MULTIPART:
            if part.media_subtype.lower() == b"alternative":
                chosen = _best(part.children)
                left = [each for each in part.children if each is not chosen and not _is_readable(each)]
                waiting += reversed(left if chosen is None else [chosen, *left])
            else:
                waiting += reversed(part.children)
        elif _is_readable(part) and len(texts) < MOST_PIECES:
            texts.append(part)
        elif part.body_start < part.end:
            attachments.append((part, numbers[part]))
    return texts, attachments


def _best(alternatives: Sequence[Part]) -> Part | None:
    """The plain text, else the last that has HTML in it (RFC 2046 §5.1.4: the last is the richest)."""
    for part in alternatives:
        if _is_readable(part) and part.media_subtype.lower() != b"html":
            return part
    for part in reversed(alternatives):
        if _is_readable(part) or part.kind is Kind.MULTIPART:
            return part
    return None


def _is_readable(part: Part) -> bool:
    """Whether it is text to be shown in the message's place."""
    if part.kind is not Kind.LEAF or part.media_type.lower() != b"text":
        return False
    if part.media_subtype.lower() not in (b"plain", b"html", b"markdown", b"enriched", b"x-markdown"):
        return False
    disposition = read_disposition(part.fields.get(b"content-disposition", b""))
    return disposition is None or disposition[0].lower() != b"attachment"


def _texts(octets: bytes, parts: Sequence[Part], most_octets: int) -> Sequence[Text]:
    found = []
    left = most_octets
    for part in parts:
        end = min(part.end, part.body_start + 3 * left)  # every octet as three of quoted-printable
        content = decode_transfer(octets[part.body_start : end], part.encoding)
        is_cut = end < part.end or len(content) > left
        content = content[:left]
        left -= len(content)
        charset = (part.media.parameter(b"charset") or b"").decode("latin-1")
        text = decode(content, charset).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
        is_html = part.media_subtype.lower() == b"html"
        if not is_html and (part.media.parameter(b"format") or b"").lower() == b"flowed":
            text = _unflowed(text, (part.media.parameter(b"delsp") or b"").lower() == b"yes")
        is_markdown = part.media_subtype.lower() in (b"markdown", b"x-markdown")
        found.append(Text(text, is_html, is_cut, is_markdown))
        if left <= 0:
            break
    return found


def _unflowed(text: str, deletes_blank: bool) -> str:
    """Paragraphs in one line each (RFC 3676 §4); lines that are quoted stay as they are."""
    lines: list[str] = []
    goes_on = False
    for line in text.split("\n"):
        if line.startswith(">"):
            lines.append(line)
            goes_on = False
            continue
        line = line.removeprefix(" ")
        flows = line.endswith(" ") and line != "-- "
        shown = line[:-1] if flows and deletes_blank else line
        if goes_on:
            lines[-1] += shown
        else:
            lines.append(shown)
        goes_on = flows
    return "\n".join(lines)


def _attachment(part: Part, number: int) -> Attachment:
    kind = f"{part.media_type.decode('latin-1')}/{part.media_subtype.decode('latin-1')}".lower()
    return Attachment(number, _file_name(part, number), kind, part.end - part.body_start)


def _file_name(part: Part, number: int) -> str:
    disposition = read_disposition(part.fields.get(b"content-disposition", b""))
    named = dict(disposition[1]).get(b"filename", b"") if disposition is not None else b""
    named = named or part.media.parameter(b"name") or b""
    name = decode_words(named).translate(_UNFIT_IN_NAMES).strip(" .")[:MOST_FILE_NAME_CHARACTERS]
    if name:
        return name
    return f"message-{number}.eml" if part.kind is Kind.MESSAGE else f"part-{number}"
