"""The sample messages, and what IMAP answers for each."""

from __future__ import annotations

import email
import email.policy
from email.message import Message

import pytest

from shared.messages.part import Kind, Part
from shared.messages.render import render
from shared.messages.scan import scan, walk
from shared.testing.messages.load import expected_bodystructure, expected_envelope, sample, sample_names

# Messages that Python's parser understands as we do; the others are broken in ways on which opinions differ.
WELL_FORMED = [
    *("alternative", "calendar_invitation", "delivery_status_report", "digest", "encrypted_pgp", "every_content_field"),
    *("folded_boundary", "forwarded_message", "message_in_message_in_message", "mixed_with_attachments"),
    *("plain_text", "read_receipt", "related_in_alternative", "signed_pgp", "signed_smime", "vcard_attached"),
]


def test_there_are_enough_samples() -> None:
    assert len(sample_names()) >= 60


@pytest.mark.parametrize("name", sample_names())
def test_envelope_is_the_expected_one(name: str) -> None:
    assert render(sample(name)).envelope == expected_envelope(name)


@pytest.mark.parametrize("name", sample_names())
def test_bodystructure_is_the_expected_one(name: str) -> None:
    assert render(sample(name)).bodystructure == expected_bodystructure(name)


@pytest.mark.parametrize("name", WELL_FORMED)
def test_python_finds_the_same_parts(name: str) -> None:
    theirs = email.message_from_bytes(sample(name), policy=email.policy.compat32)
    assert list(_our_leaves(sample(name))) == list(_their_leaves(theirs))


def _our_leaves(octets: bytes) -> list[tuple[str, bytes]]:
    return [
        (
            f"{part.media_type.decode()}/{part.media_subtype.decode()}".lower(),
            _normal(octets[part.body_start : part.end]),
        )
        for part in walk(scan(octets))
        if part.kind is Kind.LEAF and not _holds_fields(part)
    ]


def _holds_fields(part: Part) -> bool:
    """Python reads message/* as messages, all of them."""
    return part.media_type.lower() == b"message"


def _their_leaves(message: Message) -> list[tuple[str, bytes]]:
    return [
        (part.get_content_type(), _normal(str(part.get_payload()).encode("ascii", "surrogateescape")))
        for part in message.walk()
        if not part.is_multipart() and not _inside_status(part, message)
    ]


def _inside_status(part: Message, message: Message) -> bool:
    return any(
        part in container.walk()
        for container in message.walk()
        if container.get_content_type() in ("message/delivery-status", "message/disposition-notification")
    )


def _normal(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n").strip()
