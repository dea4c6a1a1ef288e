"""Articles that are refused, and faults that are passed over (RFC 5536, RFC 5537 §3.5)."""

from __future__ import annotations

import mmap
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.messages.header_fields import HeaderFields
from shared.messages.overview import overview_fields
from shared.messages.scan import end_of_header
from shared.rooms.article_header import MOST_HEADER_OCTETS, MOST_ROOMS, read_article
from shared.rooms.errors import ArticleUnfit, TooManyRooms
from shared.rooms.posts.article_fields import Injection, put_on_top
from shared.rooms.tests.build import NOW

FROM, SUBJECT, GROUPS = b"From: alice@example.org\r\n", b"Subject: wool\r\n", b"Newsgroups: local.knitting\r\n"
FIT = FROM + SUBJECT + GROUPS


def article(header: bytes, body: bytes = b"Blue.\r\n") -> bytes:
    return header + b"\r\n" + body


def test_three_fields_are_enough() -> None:
    header = read_article(article(FIT), NOW)
    assert header.groups == ["local.knitting"]
    assert (header.identifier, header.path, header.has_date, header.approved) == (None, None, False, False)


def test_fields_are_read_folded_and_in_any_case() -> None:
    header = read_article(
        article(
            FROM + SUBJECT + b"NEWSGROUPS: a.b,\r\n\tc.d , a.b\r\nmessage-id:\r\n <1@example.org>\r\n"
            b"Date: Sun, 01 Mar 2026 10:00:00 +0100\r\nPath: elsewhere!not-for-mail\r\nApproved: x@example.org\r\n"
            b"Supersedes: <0@example.org>\r\nControl: cancel <0@example.org>\r\n"
        ),
        NOW,
    )
    assert header.groups == ["a.b", "c.d"]
    assert (header.identifier, header.supersedes) == (b"<1@example.org>", b"<0@example.org>")
    assert (header.path, header.control) == (b"elsewhere!not-for-mail", b"cancel <0@example.org>")
    assert (header.has_date, header.approved) == (True, True)


def test_a_mapped_file_is_read_like_memory() -> None:
    octets = article(FIT, b"x" * 5000 + b"\r\n")
    with mmap.mmap(-1, len(octets)) as mapped:
        mapped.write(octets)
        assert read_article(mapped, NOW).groups == ["local.knitting"]


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (article(SUBJECT + GROUPS), "no From"),
        (article(FROM + GROUPS), "no Subject"),
        (article(b"From: \r\n" + SUBJECT + GROUPS), "no From"),
        (article(FROM + b"Subject: \r\n" + GROUPS), "no Subject"),
        (article(b"From: alice\r\n" + SUBJECT + GROUPS), "From is no address"),
        (article(b"From: <a@b> <c@d>\r\n" + SUBJECT + GROUPS), "From is no address"),
        (article(FIT + FROM), "more than one From"),
        (article(FIT + b"subject: again\r\n"), "more than one Subject"),
        (article(FIT + GROUPS), "more than one Newsgroups"),
        (article(FIT + b"References: <a@b>\r\nReferences: <a@b>\r\n"), "more than one References"),
        (article(FROM + SUBJECT + b"Newsgroups: a.b,,c.d\r\n"), "no list of names"),
        (article(FROM + SUBJECT + b"Newsgroups: a.b c.d\r\n"), "no list of names"),
        (article(FROM + SUBJECT + b"Newsgroups: a..b\r\n"), "no list of names"),
        (article(FIT + b"Message-ID: 1@example.org\r\n"), "Message-ID"),
        (article(FIT + b"Message-ID: <a b@example.org>\r\n"), "Message-ID"),
        (article(FIT + b"Message-ID: <a>b@example.org>\r\n"), "Message-ID"),
        (article(FIT + b"Message-ID: <" + b"a" * 249 + b">\r\n"), "Message-ID"),
        (article(FIT + b"Message-ID: <\xe9@example.org>\r\n"), "Message-ID"),
        (article(FIT + b"Date: yesterday\r\n"), "Date is no date"),
        (article(FIT + b"Date: Tue, 03 Mar 2026 12:30:15 +0000\r\n"), "more than 24 hours in the future"),
        (article(FIT + b"Date: Mon, 02 Mar 2026 09:30:15 -1200\r\n"), "more than 24 hours in the future"),
        (article(FIT + b"Injection-Info: elsewhere\r\n"), "Injection-Info is for the server"),
        (article(FIT + b"Injection-Date: Sun, 01 Mar 2026 10:00:00 +0000\r\n"), "Injection-Date"),
        (article(FIT + b"Xref: elsewhere a.b:1\r\n"), "Xref is for the server"),
        (article(FIT + b"Path: x!.POSTED.y!not-for-mail\r\n"), "posted elsewhere"),
        (article(b" folded: x\r\n" + FIT), "no field"),
        (article(FIT + b"no colon\r\n"), "no field"),
        (article(FIT + b"sp ace: x\r\n"), "no field"),
        (article(FIT + b"X-Long: " + b"x" * 1000 + b"\r\n"), "longer than 998"),
        (article(FIT, b"nul\0\r\n"), "NUL"),
        (article(FIT, b"bare\rcr\r\n"), "line end"),
        (article(FIT, b"bare\nlf\r\n"), "line end"),
        (article(FIT + b"X-A: bare\nlf\r\n"), "line end"),
        (FIT, "no empty line"),
        (b"", "no empty line"),
        (article(FIT + b"X-A: x\r\n" * (MOST_HEADER_OCTETS // 8)), "longer than 64 KiB"),
    ],
)
def test_unfit_articles_are_refused_with_a_reason(octets: bytes, reason: str) -> None:
    with pytest.raises(ArticleUnfit, match=reason):
        read_article(octets, NOW)


@pytest.mark.parametrize(
    "octets",
    [
        article(FIT + b"Date: Mon, 02 Mar 2026 12:00:00 +0000\r\n"),  # within 24 hours
        article(FIT + b"Date: Tue, 03 Mar 2026 00:20:00 +1200\r\n"),
        article(FIT + b"Date: Thu, 01 Jan 1987 10:00:00 +0000\r\n"),  # an archive that somebody posts
        article(FIT + b"Subject-Of: x\r\n"),
        article(b"From: J\xc3\xb6rg <j@example.org>\r\nSubject: \xe9\xff\r\n" + GROUPS),
        article(b"From:alice@example.org (Alice)\r\nSubject:x\r\n" + GROUPS),
        article(FIT, b""),
        article(FIT, b"x" * (1 << 20) + b"\r\n"),  # a body's line may be as long as it likes
        article(FIT, b"\xff\xfe\r\n..\r\n.\r\n"),
    ],
)
def test_what_is_unusual_is_taken(octets: bytes) -> None:
    read_article(octets, NOW)


def test_many_crossposts_are_refused_before_anybody_looks_for_the_rooms() -> None:
    groups = b",".join(b"a.g%d" % number for number in range(500))
    with pytest.raises(ArticleUnfit):  # the line is too long, too
        read_article(article(FROM + SUBJECT + b"Newsgroups: " + groups + b"\r\n"), NOW)
    groups = b",\r\n ".join(b"a.g%d" % number for number in range(MOST_ROOMS + 1))
    with pytest.raises(TooManyRooms):
        read_article(article(FROM + SUBJECT + b"Newsgroups: " + groups + b"\r\n"), NOW)


def test_what_another_server_relays_has_its_fields_already() -> None:
    relayed = FIT + (
        b"Path: elsewhere!.POSTED!not-for-mail\r\nDate: Sun, 01 Mar 2026 10:00:00 +0000\r\n"
        b"Message-ID: <1@elsewhere>\r\nInjection-Info: elsewhere\r\nXref: elsewhere local.knitting:9\r\n"
    )
    assert read_article(article(relayed), NOW, relayed=True).identifier == b"<1@elsewhere>"
    for missing in (b"Path", b"Date", b"Message-ID", b"Newsgroups"):
        lines = [line for line in relayed.splitlines(keepends=True) if not line.startswith(missing + b":")]
        with pytest.raises(ArticleUnfit, match=missing.decode()):
            read_article(article(b"".join(lines)), NOW, relayed=True)


FRAGMENTS = [
    *(b"From: a@b.c", b"Subject: x", b"Newsgroups: a.b,c.d", b"Message-ID: <1@x>", b"Path: a!b", b"Date: 1 Mar 2026"),
    *(b"\r\n", b"\r\n", b"\r\n", b"\r\n\r\n", b"\r", b"\n", b"\0", b" ", b"\t", b":", b",", b"<", b">", b"@", b"("),
    *(b"\xff\xfe", b"From", b"Control: cancel", b"Xref: y", b"Approved: z", b"x" * 999, b"Supersedes: <0@x>", b'"'),
]
PIECES = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.binary(max_size=5)), max_size=30)


@pytest.mark.parametrize("relayed", [False, True])
@given(start=st.sampled_from([b"", FIT, FROM + SUBJECT]), pieces=PIECES, end=st.sampled_from([b"", b"\r\n\r\n"]))
def test_whatever_comes_is_refused_as_unfit_or_kept_with_our_fields_on_top(
    start: bytes, pieces: Sequence[bytes], end: bytes, relayed: bool
) -> None:
    came = b"".join([start, *pieces, end])
    try:
        header = read_article(came, NOW, relayed=relayed)
        top = put_on_top(header, ["a.b"], Injection("n.x", "x", "192.0.2.1", None, NOW, relayed))
    except ArticleUnfit:
        return
    kept = top.octets + came[top.replaced :]
    again = overview_fields(kept)
    assert kept.endswith(came[len(header.octets) :])
    assert again.identifier == top.identifier
    assert again.subject
    assert HeaderFields(kept[: end_of_header(kept, 0, len(kept))]).count(b"path") == 1
