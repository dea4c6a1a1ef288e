"""The text of a report to a sender: failed, delayed, or relayed to a server that makes no reports (RFC 3464)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import NamedTuple

from shared.messages.header_fields import HeaderFields
from shared.messages.scan import end_of_header
from shared.outbound.claim import QueuedMessage
from shared.outbound.outcome import AttemptOutcome, ReportKind

_SUBJECTS: Mapping[ReportKind, str] = {
    ReportKind.FAILED: "Undelivered mail",
    ReportKind.DELIVERED: "Delivered mail",
    ReportKind.DELAYED: "Delayed mail",
    ReportKind.RELAYED: "Relayed mail",
}
_SENTENCES: Mapping[ReportKind, str] = {
    ReportKind.FAILED: "Your message could not be delivered to the following recipients. It is not tried again.",
    ReportKind.DELAYED: "Your message could not be delivered yet to the following recipients. It is tried again\r\n"
    "until {until}; you need not do anything.",
    ReportKind.DELIVERED: "Your message is in the mailboxes of the following recipients.",
    ReportKind.RELAYED: "Your message was handed to the mail servers of the following recipients. These make no\r\n"
    "reports of delivery, so that you will get none.",
}
_XTEXT = re.compile(r"\+([0-9A-F]{2})")  # RFC 3461 §4
_NOT_A_LINE = re.compile(r"[^\x20-\x7e\x80-\U0010ffff]+")
MOST_IDENTIFIER_OCTETS = 900  # of the message's own Message-ID, so that the field stays a line


class ReportNames(NamedTuple):
    """The names that reports are made in."""

    hostname: str
    mail_domain: str


class Original(NamedTuple):
    """What is returned of the message: its header, or all of it."""

    octets: bytes
    is_whole: bool


def report_text(
    kind: ReportKind,
    message: QueuedMessage,
    outcomes: Sequence[AttemptOutcome],
    original: Original,
    names: ReportNames,
    now: datetime,
    until: datetime,
) -> bytes:
    """A multipart/report; `until` is when the message is given up."""
    boundary = f"agora-{secrets.token_hex(12)}"
    is_utf8 = message.utf8 or not all(each.recipient.address.isascii() for each in outcomes)
    status_type = "message/global-delivery-status" if is_utf8 else "message/delivery-status"
    if original.is_whole:
        returned_type = "message/global" if is_utf8 else "message/rfc822"
    else:
        returned_type = "message/global-headers" if is_utf8 else "text/rfc822-headers"
    ends = b"" if original.octets.endswith(b"\r\n") else b"\r\n"
    return b"".join((
        _head(kind, message, original, names, boundary, now),
        _part(boundary, "text/plain; charset=utf-8"),
        _sentences(kind, outcomes, message, until).encode(),
        _part(boundary, status_type),
        _status(kind, message, outcomes, names, now, until, is_utf8=is_utf8).encode(),
        _part(boundary, returned_type),
        original.octets,
        ends,
        f"\r\n--{boundary}--\r\n".encode(),
    ))  # fmt: skip


def _part(boundary: str, content_type: str) -> bytes:
    return f"\r\n--{boundary}\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n".encode()


def _head(
    kind: ReportKind, message: QueuedMessage, original: Original, names: ReportNames, boundary: str, now: datetime
) -> bytes:
    return (
        "Return-Path: <>\r\n"
        f"From: Mail delivery <postmaster@{names.mail_domain}>\r\nTo: <{message.sender}>\r\n"
        f"Subject: {_SUBJECTS[kind]}: {message.queue_id}\r\n"
        f"Date: {format_datetime(now.replace(microsecond=0))}\r\n"
        f"Message-ID: <{secrets.token_hex(12)}@{names.hostname}>\r\n"
        f"{_reference(original)}"
        f"Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="{boundary}"\r\n'
    ).encode()


def _reference(original: Original) -> str:
    """In-Reply-To, so that programs show the report with the message."""
    header = HeaderFields(original.octets[: end_of_header(original.octets, 0, len(original.octets))])
    field = header.first(b"message-id")
    if field is None:
        return ""
    identifier = header.value(field).strip()
    if len(identifier) > MOST_IDENTIFIER_OCTETS or not identifier.isascii() or b"\r" in identifier:
        return ""
    return f"In-Reply-To: {identifier.decode('ascii')}\r\n"


def _sentences(kind: ReportKind, outcomes: Sequence[AttemptOutcome], message: QueuedMessage, until: datetime) -> str:
    lines = [_SENTENCES[kind].format(until=format_datetime(until.replace(microsecond=0))), ""]
    for each in outcomes:
        said = f"{each.host} said: " if each.host else ""
        lines += [f"    <{each.recipient.address}>", f"        {said}{_line(each.text)}"]
    return "\r\n".join([*lines, "", f"Queue id: {message.queue_id}", ""])


def _status(
    kind: ReportKind,
    message: QueuedMessage,
    outcomes: Sequence[AttemptOutcome],
    names: ReportNames,
    now: datetime,
    until: datetime,
    *,
    is_utf8: bool,
) -> str:
    lines = [f"Reporting-MTA: dns; {names.hostname}"]
    if message.envelope_id:
        lines.append(f"Original-Envelope-Id: {_line(from_xtext(message.envelope_id))}")
    lines += [f"Arrival-Date: {format_datetime(message.queued_at.replace(microsecond=0))}", ""]
    for each in outcomes:
        original = each.recipient.original
        if original:
            kind_of, _, address = original.partition(";")
            lines.append(f"Original-Recipient: {kind_of}; {_line(from_xtext(address))}")
        lines += [
            f"Final-Recipient: {'utf-8' if is_utf8 else 'rfc822'}; {each.recipient.address}",
            f"Action: {kind}",
            f"Status: {each.status}",
        ]
        if each.host:
            lines.append(f"Remote-MTA: dns; {each.host}")
        lines.append(f"Diagnostic-Code: {'smtp' if each.code is not None else 'x-agora'}; {_line(each.text)}")
        lines.append(f"Last-Attempt-Date: {format_datetime(now.replace(microsecond=0))}")
        if kind is ReportKind.DELAYED:
            lines.append(f"Will-Retry-Until: {format_datetime(until.replace(microsecond=0))}")
        lines.append("")
    return "\r\n".join(lines)


def from_xtext(text: str) -> str:
    """The text that xtext stands for (RFC 3461 §4)."""
    return _XTEXT.sub(lambda found: chr(int(found[1], 16)), text)


def _line(text: str) -> str:
    return _NOT_A_LINE.sub(" ", text).strip() or "-"
