"""Messages of every shape are stored, and served behind every door, byte for byte; lines that do not end with CR LF,
as only IMAP can bring them, end with it from then on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from integration_tests.clients.mailbox import append, fetched
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from shared.messages.line_ends import made_proper
from shared.messages.render import render
from shared.testing.messages.load import (
    expected_bodystructure,
    expected_envelope,
    large_attachment,
    sample,
    sample_names,
)


@dataclass(frozen=True)
class Kept:
    """Somebody with every sample in INBOX, in the order of their names: number n and UID n are the same."""

    member: Member
    names: list[str]

    def wrong(self, found: dict[str, bytes], expected: dict[str, bytes]) -> list[str]:
        return [name for name in self.names if found.get(name) != expected[name]]


@pytest.fixture(scope="module")
def kept(stack: Stack) -> Kept:
    member = stack.new_member()
    names = [name for name in sample_names() if name != "empty"]  # not by IMAP: no octets are no message
    with member.imap() as session:
        assert [append(session, "INBOX", sample(name)) for name in names] == list(range(1, len(names) + 1))
    return Kept(member, names)


@pytest.fixture
def asked(kept: Kept) -> Iterator[Any]:
    """Asks for one thing of every sample: the answer's octets, by name."""
    with kept.member.imap("INBOX") as session:

        def ask(what: str) -> dict[str, bytes]:
            answers = (fetched(session, str(uid), what) for uid in range(1, len(kept.names) + 1))
            return dict(zip(kept.names, map(octets_of, answers), strict=True))

        yield ask


def stored(name: str) -> bytes:
    """The sample as every door is to serve it."""
    return b"".join(made_proper(sample(name)))


def octets_of(answer: list[Any]) -> bytes:
    """One FETCH response as it stood on the wire, put together again from imaplib's pieces."""
    return b"".join(piece[0] + b"\r\n" + piece[1] if isinstance(piece, tuple) else piece for piece in answer)


def expected(kept: Kept, item: bytes, values: dict[str, bytes]) -> dict[str, bytes]:
    return {
        name: b"%d (UID %d %b %b)" % (number, number, item, values[name]) for number, name in enumerate(kept.names, 1)
    }


def literal(octets: bytes) -> bytes:
    return b"{%d}\r\n%b" % (len(octets), octets)


def test_whole_messages_are_what_was_stored(kept: Kept, asked: Any) -> None:
    values = {name: literal(stored(name)) for name in kept.names}
    assert kept.wrong(asked("BODY.PEEK[]"), expected(kept, b"BODY[]", values)) == []


def test_sizes_are_what_was_stored(kept: Kept, asked: Any) -> None:
    values = {name: b"%d" % len(stored(name)) for name in kept.names}
    assert kept.wrong(asked("RFC822.SIZE"), expected(kept, b"RFC822.SIZE", values)) == []


def test_header_and_text_are_the_whole(kept: Kept, asked: Any) -> None:
    headers, texts = asked("BODY.PEEK[HEADER]"), asked("BODY.PEEK[TEXT]")
    joined = {name: literal_in(headers[name]) + literal_in(texts[name]) for name in kept.names}
    assert kept.wrong(joined, {name: stored(name) for name in kept.names}) == []


def literal_in(response: bytes) -> bytes:
    """The octets of the one literal, or string, in a response."""
    if b"{" not in response:
        return response.partition(b'"')[2].rpartition(b'"')[0]
    rest = response.partition(b"{")[2]
    size, _, octets = rest.partition(b"}\r\n")
    return octets[: int(size)]


def rendered(name: str, expected: bytes, what: str) -> bytes:
    """What is expected of the sample; of one that was changed on its way in, what is rendered of it then."""
    if stored(name) == sample(name):
        return expected
    return bytes(getattr(render(stored(name)), what))


def test_envelopes_are_the_expected_ones(kept: Kept, asked: Any) -> None:
    values = {name: rendered(name, expected_envelope(name), "envelope") for name in kept.names}
    assert kept.wrong(asked("ENVELOPE"), expected(kept, b"ENVELOPE", values)) == []


def test_structures_are_the_expected_ones(kept: Kept, asked: Any) -> None:
    values = {name: rendered(name, expected_bodystructure(name), "bodystructure") for name in kept.names}
    assert kept.wrong(asked("BODYSTRUCTURE"), expected(kept, b"BODYSTRUCTURE", values)) == []


def test_pop3_serves_the_same_octets(kept: Kept) -> None:
    with kept.member.pop3() as session:
        found = {name: retrieve(session, number) for number, name in enumerate(kept.names, 1)}
    assert kept.wrong(found, {name: ended(stored(name)) for name in kept.names}) == []


def test_program_that_reads_lines_by_their_lf_keeps_its_place(member: Member) -> None:
    with member.imap("INBOX") as reading:
        append(reading, "INBOX", b"Subject: dots\n\none\n.\n.two\n")
        append(reading, "INBOX", b"Subject: after\r\n\r\n")
    with member.pop3() as session:
        assert session.retr(1)[1] == [b"Subject: dots", b"", b"one", b".", b".two"]
        assert session.retr(2)[1] == [b"Subject: after", b""]


def retrieve(session: Any, number: int) -> bytes:
    """RETR, exactly as it comes: poplib's own makes lines of it."""
    session._putcmd(f"RETR {number}")
    assert session._getresp().startswith(b"+OK")
    lines = [b"\r\n"]
    while not (lines[-1] == b".\r\n" and lines[-2].endswith(b"\r\n")):
        lines.append(session.file.readline())
    return b"".join(lines[:-1]).replace(b"\r\n..", b"\r\n.")[2:]


def ended(octets: bytes) -> bytes:
    """As POP3 must send it: the last line has an end."""
    return octets if octets.endswith(b"\r\n") or not octets else octets + b"\r\n"


def test_twenty_megabytes_go_in_by_submission_and_out_by_every_door(member: Member) -> None:
    sent = large_attachment()
    with member.submission() as session:
        session.sendmail(member.address, [member.address], sent)
    with member.imap("INBOX") as reading:
        whole = literal_in(octets_of(fetched(reading, "1", "BODY.PEEK[]")))
        assert whole.endswith(sent)
        attachment = whole.index(b"\r\n\r\n", whole.index(b"large.bin")) + 4
        middle = literal_in(octets_of(fetched(reading, "1", "BODY.PEEK[2]<19000000.100>")))
        assert middle == whole[attachment + 19_000_000 :][:100]
        copied = append(reading, "Archive", whole)
        reading.select("Archive")
        assert fetched(reading, str(copied), "RFC822.SIZE") == [b"1 (UID 1 RFC822.SIZE %d)" % len(whole)]
    with member.pop3() as maildrop:
        assert retrieve(maildrop, 1) == whole
