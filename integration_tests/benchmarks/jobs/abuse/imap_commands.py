"""IMAP commands that cost the server much more than their octets."""

from __future__ import annotations

import contextlib

from integration_tests.benchmarks.jobs.abuse.attack import Attack, Attacker
from integration_tests.benchmarks.jobs.job import scaled

MIB = 1 << 20
REFUSED_OCTETS = 300 * MIB
LINE = b"x" * 950 + b" {0+}\r\n"
LITERALS = 34_000
KEYS = 2_000
SAVED_KEYS = 200
MESSAGES = 65_536
APPENDED = 1024  # the others are copies of these
SEARCHED = "Abuse-Search"
SMALL_MESSAGE = b"Subject: small\r\n\r\nx\r\n"
FOLDER_TREES, FOLDERS_IN_A_TREE = 60, 31
PATTERNS = 100


def _refused_command(attacker: Attacker) -> None:
    """Empty literals keep a command going that was refused long ago."""
    lines = LINE * (MIB // len(LINE))
    with attacker.stranger(attacker.server.imap_port) as wire:
        wire.send(b"a NOOP {0+}\r\n")
        for _ in range(scaled(REFUSED_OCTETS, attacker.scale) // len(lines)):
            wire.send(lines)
            if not attacker.may_go_on:
                break


def _empty_literals(attacker: Attacker) -> None:
    count = scaled(LITERALS, attacker.scale)
    with attacker.member("INBOX") as wire:
        wire.imap(b"SEARCH SUBJECT" + b" {0+}\r\n" * count)


def _fill(attacker: Attacker) -> None:
    """Many messages by few octets: each COPY doubles them."""
    count = scaled(MESSAGES, attacker.scale, APPENDED)
    with attacker.mail_program() as imap:
        if SEARCHED.encode() in imap.command(f'LIST "" "{SEARCHED}"') and imap.messages(SEARCHED) == count:
            return
        imap.make_anew(SEARCHED)
        there = imap.fill(SEARCHED, [SMALL_MESSAGE] * APPENDED)
        imap.command(f"SELECT {SEARCHED}")
        while there < count:
            more = min(there, count - there)
            imap.command(f"COPY 1:{more} {SEARCHED}")
            there += more


def _many_keys(attacker: Attacker) -> None:
    """All three ways to make each key cost the mailbox."""
    with attacker.member(SEARCHED) as wire:
        wire.imap(b"SEARCH RETURN (SAVE) ALL")
        for key, count in ((b" $", SAVED_KEYS), (b" 1:*", KEYS - 100), (b" UNDELETED", KEYS)):
            wire.imap(b"SEARCH RETURN (COUNT)" + key * count)


def _many_folders(attacker: Attacker) -> None:
    trees = scaled(FOLDER_TREES, attacker.scale)
    with attacker.mail_program() as imap:
        for tree in range(trees):
            with contextlib.suppress(RuntimeError):  # it is there, or no more are allowed
                imap.command(f'CREATE "{_path(tree)}"')


def _path(tree: int) -> str:
    return "/".join([f"tree-{tree:02}", *["aaaaaaa"] * (FOLDERS_IN_A_TREE - 1)])


def _many_patterns(attacker: Attacker) -> None:
    """Wild cards that can be matched in many ways, and in the end are not."""
    patterns = b" ".join(b"*a*a*a*%02d" % number for number in range(PATTERNS))
    with attacker.member() as wire:
        wire.imap(b'LIST "" (%b)' % patterns)


ATTACKS = (
    Attack("refused-command", "refused command that goes on", _refused_command),
    Attack("empty-literals", f"{LITERALS:,} empty literals in one command", _empty_literals),
    Attack("search-keys", f"searches with {KEYS:,} keys in {MESSAGES:,} messages", _many_keys, _fill),
    Attack("list-patterns", f"LIST with {PATTERNS} patterns over 1,860 folders", _many_patterns, _many_folders),
)
