"""A capability stands in the registry only together with a transcript that shows it."""

from __future__ import annotations

import itertools
from dataclasses import fields
from pathlib import Path

import pytest

from services.mail_access.imap.capabilities import CAPABILITIES, ConnectionState, capability_words

TRANSCRIPTS = Path(__file__).parent / "transcripts"
SHOWN_ELSEWHERE = {  # by test_signing_in.py, which needs a client that can reckon, or one from far away
    b"AUTH=SCRAM-SHA-256",
    b"LOGINDISABLED",
}


def shown() -> set[bytes]:
    names = set(SHOWN_ELSEWHERE)
    for transcript in TRANSCRIPTS.glob("*.txt"):
        for line in transcript.read_bytes().splitlines():
            if line.startswith(b"# CAPABILITY: "):
                names.update(line.split()[2:])
    return names


@pytest.mark.parametrize("capability", CAPABILITIES, ids=lambda capability: capability.name.decode())
def test_every_capability_is_shown(capability: object) -> None:
    assert capability.name in shown()  # type: ignore[attr-defined]


def test_both_kinds_of_literals_are_never_told_at_once() -> None:
    """RFC 7888 §5 forbids it."""
    for flags in itertools.product([False, True], repeat=len(fields(ConnectionState))):
        words = capability_words(ConnectionState(*flags)).split()
        assert (b"LITERAL+" in words) != (b"LITERAL-" in words)
        assert len(words) == len(set(words))
        if b"LOGINDISABLED" in words:
            assert not any(word.startswith(b"AUTH=") for word in words)
