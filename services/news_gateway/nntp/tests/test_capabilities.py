"""Each capability is announced with its test: the transcripts have every word of the list and every LIST variant."""

from __future__ import annotations

from pathlib import Path

from services.news_gateway.nntp.capabilities import LISTS, MECHANISMS
from services.news_gateway.nntp.command_table import COMMANDS
from services.news_gateway.nntp.commands.listing import VARIANTS
from shared.testing.transcript import Mark, load

TRANSCRIPTS = [load(file) for file in sorted((Path(__file__).parent / "transcripts").glob("*.txt"))]
SENT = [
    line.strip().upper()
    for transcript in TRANSCRIPTS
    for step in transcript.steps
    if step.mark in (Mark.SEND_LINE, Mark.SEND_OCTETS)
    for line in step.text.replace("\\r\\n", "\n").split("\n")
]
# Each label, and a command of its tests (RFC 3977 §3.3.2, RFC 4642 §2.1, RFC 4643 §2.1, RFC 8054 §2.1).
PROVED_BY = {
    "VERSION": "CAPABILITIES",
    "IMPLEMENTATION": "CAPABILITIES",
    "READER": "MODE READER",
    "HDR": "HDR",
    "LIST": "LIST",
    "NEWNEWS": "NEWNEWS",
    "OVER": "OVER <",
    "XPAT": "XPAT",
    "POST": "POST",
    "IHAVE": "IHAVE",
    "AUTHINFO": "AUTHINFO USER",
    "SASL": "AUTHINFO SASL",
    "STARTTLS": "STARTTLS",
    "COMPRESS": "COMPRESS DEFLATE",
}


def announced() -> set[str]:
    """The labels in the transcript that has the whole list, of a stranger and of an administrator."""
    (transcript,) = [each for each in TRANSCRIPTS if each.name == "announces_only_what_works"]
    labels, listing = set(), False
    for step in transcript.steps:
        if step.text.startswith("101 "):
            listing = True
        elif step.text == ".":
            listing = False
        elif listing:
            labels.add(step.text.split()[0])
    return labels


def test_what_is_announced_is_what_is_proved() -> None:
    assert announced() == set(PROVED_BY)


def test_every_label_has_its_command_in_a_transcript() -> None:
    for label, command in PROVED_BY.items():
        assert any(line.startswith(command) for line in SENT), label


def test_every_command_is_in_a_transcript() -> None:
    said = {line.split(" ")[0] for line in SENT if line}
    assert {verb.decode() for verb in COMMANDS} <= said


def test_lists_that_are_announced_are_those_that_are_kept() -> None:
    assert set(LISTS) == {variant.decode() for variant in VARIANTS}
    for variant in LISTS:
        assert any(line.startswith(f"LIST {variant}") for line in SENT), variant


def test_mechanisms() -> None:
    assert MECHANISMS == ("SCRAM-SHA-256", "PLAIN")
