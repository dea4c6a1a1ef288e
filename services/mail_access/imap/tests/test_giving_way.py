"""Commands about a large mailbox let others have their turn, and message numbers mean the same before and after it."""

from __future__ import annotations

import pytest

from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.tests.conftest import Doors, House
from services.mail_access.imap.tests.wire_client import Client
from shared.messages.bodystructure import render_bodystructure
from shared.messages.scan import scan
from shared.testing.eventually import eventually
from shared.testing.longest_turn import longest_turn

DOUBLINGS = 13
COUNT = 2**DOUBLINGS
MOST_UNREAD_OCTETS = 700 * 1024  # of replies to a client that reads nothing, the system's buffers left aside
MOST_SECONDS = 0.045  # a turn is 10 ms; some steps between two looks at the clock are as long again
ODD = b",".join(b"%d" % number for number in range(1, COUNT, 2))

SEARCHES = [
    b"ALL",
    b"1:* " * 1800 + b"ALL",
    b"UNDELETED " * 1800 + b"ALL",
    b"$ " * 1800 + b"ALL",
    b" ".join(b"%d:*" % number for number in range(1, 1800)),
    b" ".join(b"NOT (UNDELETED KEYWORD k%d)" % number for number in range(500)),
    b" ".join(b"SENTSINCE %d-Jan-%d" % (number % 28 + 1, 1980 + number // 28) for number in range(500)),
    b"NOT (%b)" % ODD,
    b"MODSEQ 1",
    b"SUBJECT tea FROM ann NOT BODY coffee",
]
COMMANDS = [
    *(b"SEARCH " + keys for keys in SEARCHES),
    b"SEARCH RETURN (ALL) NOT " + ODD,
    b"UID SEARCH RETURN (SAVE COUNT) " + ODD,
    b"SORT (SUBJECT REVERSE DATE FROM) UTF-8 ALL",
    b"THREAD REFERENCES UTF-8 ALL",
    b"UID THREAD ORDEREDSUBJECT UTF-8 " + ODD,
    b"FETCH 1:* (UID FLAGS)",
    b"FETCH $ (UID FLAGS MODSEQ)",
    b"FETCH 1:* ALL",
    b"FETCH 1:* FULL",
    b"UID FETCH %b (FLAGS)" % b",".join(b"%d:*" % number for number in range(1, 20_000)),
    b"UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1)",
    rb"STORE 1:* +FLAGS (\Flagged)",
    rb"STORE %b +FLAGS.SILENT (\Answered Work)" % ODD,
    rb"STORE 1:* FLAGS (\Seen)",
    b"COPY 1:* Copies",
    b"UID COPY %b Copies" % ODD,
    b"NOOP",
]


@pytest.fixture
def large(house: House, imap_port: int) -> Client:
    """A client that has selected a mailbox of COUNT messages, eight different ones."""
    for number in range(8):
        house.deliver("alice", b"From: ann@example.org\r\nSubject: tea %d\r\n\r\nAt four?\r\n" % number)
    client = Client(imap_port)
    client.do(b'LOGIN alice "correct horse"')
    for mailbox in (b"Large", b"Copies"):
        client.do(b"CREATE " + mailbox)
    client.do(b"SELECT INBOX")
    client.do(b"COPY 1:* Large")
    client.do(b"SELECT Large")
    for doubling in range(3, DOUBLINGS):
        client.do(b"COPY 1:%d Large" % 2**doubling)
    client.do(b"NOOP")
    client.do(b"SEARCH RETURN (SAVE) ALL")
    return client


def test_no_command_keeps_the_others_waiting(large: Client, imap_port: int) -> None:
    """SEARCH with 200 `$` in a mailbox of 65,536 once made everybody wait for 9.5 seconds."""
    took = {command[:60]: seconds_of(large, command) for command in COMMANDS}
    other = Client(imap_port)
    other.do(b'LOGIN alice "correct horse"')
    took[b"SELECT"] = seconds_of(other, b"SELECT Large")
    large.do(rb"STORE 1:* +FLAGS.SILENT (\Deleted)")
    took[b"NOOP after STORE"] = seconds_of(other, b"NOOP")
    took[b"EXPUNGE"] = seconds_of(large, b"EXPUNGE")
    took[b"NOOP after EXPUNGE"] = seconds_of(other, b"NOOP")
    assert {command: seconds for command, seconds in took.items() if seconds > MOST_SECONDS} == {}


def seconds_of(client: Client, command: bytes) -> float:
    """The longest turn while the client's command is obeyed; what it is told is read and not believed, for speed."""
    tag, octets = client.tagged(command)
    with longest_turn() as measured:
        client.send(octets)
        assert client.read_to_end(tag).startswith(tag + b" OK ")
    return measured.seconds


def test_numbers_mean_the_same_while_a_fetch_is_being_answered(house: House, door: Doors) -> None:
    """Another session expunges the first messages while the client has not taken all rows yet."""
    port = door(turn_seconds=0.0)
    house.deliver("alice", b"Subject: tea\r\n\r\n" + b"At four, or later?\r\n" * 10_000)
    reader, other = signed_in(port), signed_in(port)
    for doubling in range(7):
        reader.do(b"COPY 1:%d INBOX" % 2**doubling)
    other.do(b"NOOP")
    tag, octets = reader.tagged(b"FETCH 1:* (UID BODY.PEEK[])")  # 25 MB, more than the system keeps for us
    reader.send(octets)
    other.do(rb"STORE 1:50 +FLAGS.SILENT (\Deleted)")
    other.do(b"EXPUNGE")
    told = reader.finish(tag, b"FETCH 1:* (UID BODY.PEEK[])").untagged
    assert [int(line.split()[0]) for line in told] == list(range(1, 129))
    assert [known.uid for known in reader.messages] == list(range(1, 129))
    reader.do(b"NOOP")
    assert [known.uid for known in reader.messages] == list(range(51, 129))


def signed_in(port: int) -> Client:
    client = Client(port)
    client.do(b'LOGIN alice "correct horse"')
    client.do(b"SELECT INBOX")
    return client


MANY_PARTS = b"Content-Type: multipart/mixed; boundary=z\r\n\r\n" + b"".join(
    b"--z\r\nContent-Description: part number %d\r\nContent-Type: text/plain; name=x%d\r\n\r\nx\r\n" % (number, number)
    for number in range(3000)
)

STAIRS = b"".join(
    b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(40)
)


@pytest.mark.parametrize("items", [b"FULL", b"BODYSTRUCTURE", b"(BODY[7.MIME] ENVELOPE BODY.PEEK[HEADER])"])
def test_structures_of_many_parts_keep_nobody_waiting(house: House, imap_port: int, items: bytes) -> None:
    """512 of them were rendered in one go, each in time that grew with its parts times their depth."""
    house.deliver("alice", MANY_PARTS)
    house.deliver("alice", STAIRS + MANY_PARTS)
    client = signed_in(imap_port)
    for doubling in range(1, 5):
        client.do(b"COPY 1:%d INBOX" % 2**doubling)
    client.do(b"NOOP")
    with longest_turn() as measured:
        result = client.do(b"FETCH 1:* " + items)
    assert len(result.untagged) == 32
    assert measured.seconds < MOST_SECONDS
    body = render_bodystructure(scan(MANY_PARTS), False)
    assert (b"BODY " + body in result.untagged[0]) == (items == b"FULL")


@pytest.mark.parametrize("items", [b"BODY.PEEK[]", b"FULL", b"BODYSTRUCTURE", b"(FLAGS BODY.PEEK[HEADER])"])
def test_client_that_reads_nothing_costs_little(house: House, imap_port: int, items: bytes) -> None:
    """Rows were counted, not weighed: 64 of 4 MB each were made at once."""
    house.deliver("alice", b"Subject: %b\r\n" % (b"x " * 30_000) + MANY_PARTS)
    client = signed_in(imap_port)
    for doubling in range(9):
        client.do(b"COPY 1:%d INBOX" % 2**doubling)
    client.do(b"NOOP")
    (session,) = house.parts.sessions._of_account[house.accounts["alice"]]
    assert isinstance(session, ImapSession)
    tag, octets = client.tagged(b"FETCH 1:* " + items)
    client.send(octets)
    eventually(lambda: session._clogged, "the client's and the system's buffers are full")
    assert 0 < session._unsent_octets < MOST_UNREAD_OCTETS
    assert client.read_to_end(tag).startswith(tag + b" OK ")
    client.close()


def test_large_texts_are_searched_without_being_held(house: House, imap_port: int) -> None:
    lines = b"".join(b"Zeile %d \xc3\xbcber  Tee.\r\n" % number for number in range(150_000))
    octets = b"Subject: gro\xc3\x9f\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + lines + b"Ganz am Ende\r\n"
    house.deliver("alice", octets)
    client = signed_in(imap_port)
    keys = "BODY {18+}\r\nZeile 149999 Über NOT BODY {5+}\r\ngroß TEXT {5+}\r\nGROß"
    with longest_turn() as measured:
        told = client.do(b"SEARCH CHARSET UTF-8 BODY ende " + keys.encode()).untagged
    assert told == [b"SEARCH 1"]
    assert client.do(b"SEARCH TEXT kaffee").untagged == [b"SEARCH"]
    assert measured.seconds < MOST_SECONDS
    assert not house.parts.message_cache.texts.pick([1, 2, 3])
