"""Messages as the world sends them: given back to the octet, and found by what is in them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.mail_access.imap.tests.wire_client import Client, facts_of
from shared.messages.line_ends import made_proper
from shared.testing.messages.load import large_attachment, sample, sample_names

NAMES = [name for name in sample_names() if sample(name)]


@pytest.fixture
def client(imap_port: int) -> Iterator[Client]:
    made = Client(imap_port)
    made.do(b'LOGIN alice "correct horse"')
    made.do(b"SELECT Archive")
    yield made
    made.close()


def append(client: Client, *messages: bytes) -> None:
    client.run(*(b"APPEND Archive {%d+}\r\n%b" % (len(octets), octets) for octets in messages))


def test_every_octet_comes_back(client: Client) -> None:
    append(client, *map(sample, NAMES))
    result = client.do(b"FETCH 1:* (UID RFC822.SIZE BODY.PEEK[] BODY.PEEK[HEADER] BODY.PEEK[TEXT] ENVELOPE)")
    rows = [line for line in result.untagged if b" FETCH (UID" in line]
    assert len(rows) == len(NAMES)
    for name, row in zip(NAMES, rows, strict=True):
        octets = b"".join(made_proper(sample(name)))
        facts = facts_of(row)
        assert facts[b"RFC822.SIZE"] == b"%d" % len(octets)
        assert facts[b"BODY[]"] == octets, name
        header, text = facts[b"BODY[HEADER]"], facts[b"BODY[TEXT]"]
        assert isinstance(header, bytes)
        assert isinstance(text, bytes)
        assert header + text == octets, name


def test_a_large_message_gets_proper_lines_and_is_counted_afterwards(client: Client) -> None:
    octets = b"Subject: large\n\n" + b"sixteen octets.\n" * 100_000  # in a file on its way in, and 1.7 MB afterwards
    append(client, octets)
    facts = facts_of(client.do(b"FETCH 1 (RFC822.SIZE BODY.PEEK[])").untagged[-1])
    assert facts[b"BODY[]"] == octets.replace(b"\n", b"\r\n")
    assert facts[b"RFC822.SIZE"] == b"%d" % (len(octets) + octets.count(b"\n"))
    too_large = b"x\n" * 800_000  # 1.6 MB, of which these tests' limit is 2 MiB, become 2.4
    refused = client.run(b"APPEND Archive {%d+}\r\n%b" % (len(too_large), too_large))[-1]
    assert (refused.condition, refused.code) == (b"NO", b"TOOBIG")


def test_a_large_message_is_streamed(client: Client) -> None:
    octets = large_attachment(3 << 19)  # 1.5 MiB: above what is held in memory, below these tests' limit
    append(client, octets)
    row = client.do(b"FETCH 1 (UID BODY.PEEK[] BODY.PEEK[1] FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])").untagged[-1]
    facts = facts_of(row)
    assert facts[b"BODY[]"] == octets
    assert facts[b"BODY[1]"] == b"See attachment."
    assert facts[b"FLAGS"] == [rb"\Recent"]
    assert row.endswith(b"BODY[HEADER.FIELDS (SUBJECT)] {31}\r\nSubject: A large attachment\r\n\r\n)")
    assert client.do(b"UID SEARCH TEXT attachment LARGER 1000000").untagged[-1] == b"SEARCH 1"
    row = client.do(b"FETCH 1 BODY.PEEK[]<1048570.20>").untagged[-1]
    assert octets[1048570:1048590] in row


def test_headers_of_larger_messages_are_read_alone(client: Client) -> None:
    messages = [b"Subject: number %d\r\nX-Long: %b\r\n\r\n%b" % (n, b"y" * n * 9000, b"z" * 20_000) for n in range(3)]
    append(client, *messages, large_attachment(1 << 20), b"\r\nno header\r\n")
    result = client.do(b"FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT)] BODY.PEEK[HEADER]<0.19>)")
    rows = [facts_of(line) for line in result.untagged if b"HEADER.FIELDS" in line]
    subjects = [row[b"BODY[HEADER.FIELDS (SUBJECT)]"] for row in rows]
    numbered = [b"Subject: number %d\r\n\r\n" % n for n in range(3)]
    assert subjects == [*numbered, b"Subject: A large attachment\r\n\r\n", b"\r\n"]
    assert [row[b"BODY[HEADER]<0>"] for row in rows][:3] == [b"Subject: number %d\r\n" % n for n in range(3)]
    assert client.do(b'SEARCH SUBJECT "number 1"').untagged[-1] == b"SEARCH 2"
    assert client.do(b"SEARCH HEADER X-Long yyy").untagged[-1] == b"SEARCH 2 3"


def mime(text: str, charset: str, encoding: str = "8bit") -> bytes:
    import base64
    import quopri

    body = text.encode(charset)
    if encoding == "base64":
        body = base64.encodebytes(body).replace(b"\n", b"\r\n")
    elif encoding == "quoted-printable":
        body = quopri.encodestring(body).replace(b"\n", b"\r\n")
    head = f"Subject: =?{charset}?b?{base64.b64encode(text[:8].encode(charset)).decode()}?=\r\n"
    head += f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + body


CHINESE, JAPANESE, ARABIC = "请在星期五之前回复这封信", "明日の会議は東京で行います", "الاجتماع غداً في القاهرة"
TEXTS = [
    mime(CHINESE, "gb18030"),
    mime(CHINESE, "utf-8", "base64"),
    mime(JAPANESE, "iso-2022-jp", "quoted-printable"),
    mime(JAPANESE, "shift_jis", "base64"),
    mime(ARABIC, "windows-1256", "quoted-printable"),
    mime(ARABIC, "utf-8"),
    mime("Grüße aus Köln", "iso-8859-1", "quoted-printable"),
    mime("STRASSE und Straße", "utf-8"),
]


@pytest.mark.parametrize(
    ("key", "numbers"),
    [
        ("BODY 星期五", b"1 2"),
        ("TEXT 东京", b""),
        ("BODY 東京", b"3 4"),
        ("SUBJECT 会議", b"3 4"),
        ("BODY القاهرة", b"5 6"),
        ("SUBJECT الاجتماع", b"5 6"),
        ("TEXT köLN", b"7"),
        ("SUBJECT gRÜSSE", b"7"),
        ("BODY straße", b"8"),
        ("NOT TEXT 星期五 NOT TEXT 東京 NOT TEXT القاهرة", b"7 8"),
    ],
)
def test_search_reads_every_script(client: Client, key: str, numbers: bytes) -> None:
    append(client, *TEXTS)
    words = key.split(" ")
    command = " ".join(word if word.isascii() else f"{{{len(word.encode())}+}}\r\n{word}" for word in words)
    result = client.do(b"SEARCH CHARSET UTF-8 " + command.encode())
    assert result.untagged[-1] == b"SEARCH " + numbers if numbers else b"SEARCH"
