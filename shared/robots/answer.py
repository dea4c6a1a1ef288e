"""The mail that a robot answers with (RFC 3834), in parts that are sent as they are."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from typing import NamedTuple

from shared.robots.job import RobotJob
from shared.robots.query import RobotQuery

_LONGEST_LINE_OCTETS = 990  # RFC 5322 §2.1.1: 998; what has longer ones is encoded
_MOST_SUBJECT_CHARACTERS = 300


OCTETS = "application/octet-stream"


class AnswerPart(NamedTuple):
    """What is attached to an answer. `fields` are lines of its header without their ends, such as Content-Location.

    A `message/rfc822` is sent byte for byte (RFC 2046 §5.2.1); what else has long lines, or is no text, is encoded.
    OCTETS are always encoded, without a look at them.
    """

    media_type: str
    octets: bytes
    fields: Sequence[str] = ()


class RobotAnswer(NamedTuple):
    """`text` has LF line ends."""

    subject: str
    text: str
    parts: Sequence[AnswerPart] = ()


def answer_mail(job: RobotJob, query: RobotQuery, answer: RobotAnswer, hostname: str, now: datetime) -> bytes:
    """The answer as a message. Its Message-ID is the job's: were it ever sent twice, it would be known by it."""
    identifier = f"<robot.{job.id}.{int(job.came_at.timestamp() * 1e6):x}@{hostname}>"
    head = [
        "Return-Path: <>",
        f"From: {job.address}",
        f"To: {query.reply_to}",
        f"Subject: {_encoded(answer.subject[:_MOST_SUBJECT_CHARACTERS])}",
        f"Date: {format_datetime(now.replace(microsecond=0))}",
        f"Message-ID: {identifier}",
    ]
    if query.identifier and query.identifier.isascii():
        head += [f"In-Reply-To: {query.identifier.decode()}", f"References: {query.identifier.decode()}"]
    head += ["Auto-Submitted: auto-replied", "MIME-Version: 1.0"]
    first = AnswerPart("text/plain; charset=utf-8", answer.text.encode("utf-8", "replace"))
    if not answer.parts:
        return _lines(head) + _written(first)
    boundary = f"agora-{secrets.token_hex(16)}"
    head += [f'Content-Type: multipart/mixed; boundary="{boundary}"', "Content-Transfer-Encoding: 8bit"]
    pieces = [_lines(head), b"\r\n"]
    for part in (first, *answer.parts):
        pieces += [f"--{boundary}\r\n".encode(), _written(part), b"\r\n"]
    pieces.append(f"--{boundary}--\r\n".encode())
    return b"".join(pieces)


def _written(part: AnswerPart) -> bytes:
    """Fields, an empty line, and the content."""
    if part.media_type == "message/rfc822":
        encoding, octets = ("7bit" if part.octets.isascii() else "8bit"), part.octets
    elif part.media_type == OCTETS:
        encoding, octets = "base64", base64.encodebytes(part.octets).replace(b"\n", b"\r\n")
    else:
        octets = b"\r\n".join(part.octets.replace(b"\r\n", b"\n").split(b"\n"))
        encoding = "7bit" if octets.isascii() else "8bit"
        if b"\0" in octets or b"\r" in octets.replace(b"\r\n", b"") or _longest_line(octets) > _LONGEST_LINE_OCTETS:
            encoding, octets = "base64", base64.encodebytes(octets).replace(b"\n", b"\r\n")
    fields = [f"Content-Type: {part.media_type}", f"Content-Transfer-Encoding: {encoding}", *part.fields]
    return _lines(fields) + b"\r\n" + octets


def _longest_line(octets: bytes) -> int:
    return max(map(len, octets.split(b"\r\n")))


def _lines(fields: Sequence[str]) -> bytes:
    return "".join(f"{field}\r\n" for field in fields).encode("utf-8", "replace")


def _encoded(text: str) -> str:
    if text.isascii():
        return text
    return Header(text.encode("utf-8", "replace").decode(), "utf-8", header_name="Subject").encode(linesep="\r\n")
