"""IMAP commands that cost the server much more than their octets."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

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
LISTENERS, LISTENED_MESSAGES = 30, 8_192
LISTENED = "Abuse-News"
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


def fill(mailbox: str, messages: int) -> Callable[[Attacker], None]:
    """Many messages by few octets: each COPY doubles them."""

    def prepare(attacker: Attacker) -> None:
        count = scaled(messages, attacker.scale, APPENDED)
        with attacker.mail_program() as imap:
            if mailbox.encode() in imap.command(f'LIST "" "{mailbox}"') and imap.messages(mailbox) == count:
                return
            imap.make_anew(mailbox)
            there = imap.fill(mailbox, [SMALL_MESSAGE] * APPENDED)
            imap.command(f"SELECT {mailbox}")
            while there < count:
                more = min(there, count - there)
                imap.command(f"COPY 1:{more} {mailbox}")
                there += more

    return prepare


def _many_keys(attacker: Attacker) -> None:
    """All three ways to make each key cost the mailbox."""
    with attacker.member(SEARCHED) as wire:
        wire.imap(b"SEARCH RETURN (SAVE) ALL")
        for key, count in ((b" $", SAVED_KEYS), (b" 1:*", KEYS - 100), (b" UNDELETED", KEYS)):
            wire.imap(b"SEARCH RETURN (COUNT)" + key * count)


def _many_listeners(attacker: Attacker) -> None:
    """All messages change, and all who listen are told of it at once."""
    with contextlib.ExitStack() as open_ones:
        listening = [open_ones.enter_context(attacker.member(LISTENED)) for _ in range(LISTENERS)]
        for wire in listening:
            wire.send(b"i IDLE\r\n")
            wire.until(rb"\+")
        with attacker.member(LISTENED) as changing:
            for sign in (b"+", b"-"):
                changing.imap(b"STORE 1:* %bFLAGS.SILENT (\\Flagged)" % sign)
        for wire in listening:
            wire.send(b"DONE\r\n")
            wire.until(b"i ")


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
    Attack(
        "search-keys", f"searches with {KEYS:,} keys in {MESSAGES:,} messages", _many_keys, fill(SEARCHED, MESSAGES)
    ),
    Attack(
        "many-listeners",
        f"{LISTENERS} IDLEs, and a STORE of {LISTENED_MESSAGES:,} messages",
        _many_listeners,
        fill(LISTENED, LISTENED_MESSAGES),
    ),
    Attack("list-patterns", f"LIST with {PATTERNS} patterns over 1,860 folders", _many_patterns, _many_folders),
)
