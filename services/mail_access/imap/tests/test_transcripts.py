"""Plays every transcript against a door over a real store."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.mail_access.imap.tests.conftest import Doors, House
from shared.testing.player import play

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))

TEA = b"""\
From: Bob <bob@example.test>\r
To: alice@example.test\r
Subject: tea\r
Date: Mon, 1 Jul 2024 09:00:00 +0200\r
\r
At four?\r
"""


@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=lambda path: path.stem)
def test_transcript(transcript: Path, house: House, door: Doors) -> None:
    events = {
        "a message comes for alice": lambda: house.deliver("alice", TEA),
        "a message comes for alice, and nobody tells": lambda: house.deliver("alice", TEA, announce=False),
        "alice's message 2 goes": lambda: house.expunge("alice", [2]),
        "alice's message 3 goes": lambda: house.expunge("alice", [3]),
        "somebody deletes alice's Work": lambda: house.delete("alice", "Work"),
        "somebody begins to delete alice's Work": lambda: house.begin_to_delete("alice", "Work"),
        "the deletion ends": house.end_deletion,
        "rooms are made": house.make_rooms,
        "article 2 is put back": lambda: house.put_back("local.knitting", 2),
        "two articles come to local.knitting": lambda: house.post("local.knitting", 2),
    }
    play(transcript, "127.0.0.1", door(), events=events)
