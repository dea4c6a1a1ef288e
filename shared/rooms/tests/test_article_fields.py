"""The fields put on top of an article; nothing else of it is changed."""

from __future__ import annotations

import pytest

from shared.rooms.article_header import read_article
from shared.rooms.errors import ArticleUnfit
from shared.rooms.posts.article_fields import Injection, put_on_top
from shared.rooms.tests.build import NOW

STRANGERS = Injection("news.example.org", "example.org", "192.0.2.7", None, NOW)
MEMBERS = STRANGERS._replace(account="alice")
DATE = b"Sun, 01 Mar 2026 12:30:15 +0000"
COMPLAINTS = b'mail-complaints-to="abuse@example.org"\r\n'


def as_kept(
    octets: bytes, groups: list[str], injection: Injection = MEMBERS, approved: str | None = None
) -> tuple[bytes, bytes]:
    top = put_on_top(read_article(octets, NOW, relayed=injection.relayed), groups, injection, approved)
    return top.octets + octets[top.replaced :], top.identifier


def test_an_article_without_a_date_gets_four_fields_on_top_and_nothing_else_is_changed() -> None:
    came = b"From: a@example.org\r\nNewsgroups: a.b\r\nSubject: x\r\nMessage-ID: <1@x>\r\n\r\nBlue.\r\n"
    kept, identifier = as_kept(came, ["a.b"], STRANGERS)
    assert identifier == b"<1@x>"
    assert kept == (
        b"Path: news.example.org!.POSTED!not-for-mail\r\nDate: " + DATE + b"\r\nInjection-Date: " + DATE + b"\r\n"
        b'Injection-Info: news.example.org; posting-host="192.0.2.7";\r\n\t' + COMPLAINTS + came
    )


def test_with_date_and_message_id_there_is_no_injection_date() -> None:
    came = b"From: a@b.c\r\nNewsgroups: a.b\r\nSubject: x\r\nMessage-ID: <1@x>\r\nDate: " + DATE + b"\r\n\r\n"
    kept, _ = as_kept(came, ["a.b"])
    assert kept == (
        b"Path: news.example.org!.POSTED!not-for-mail\r\nInjection-Info: news.example.org; " + COMPLAINTS + came
    )


def test_a_message_id_is_made_where_there_is_none_and_never_twice() -> None:
    came = b"From: a@b.c\r\nNewsgroups: a.b\r\nSubject: x\r\n\r\n"
    made = {as_kept(came, ["a.b"])[1] for _ in range(100)}
    assert len(made) == 100
    kept, identifier = as_kept(came, ["a.b"])
    assert b"\r\nMessage-ID: " + identifier + b"\r\n" in kept
    assert identifier.endswith(b"@news.example.org>")


def test_mail_gets_the_newsgroups_of_the_rooms_that_it_is_for() -> None:
    kept, _ = as_kept(b"From: a@b.c\r\nSubject: x\r\n\r\n", ["a.b", "a.c"])
    assert b"\r\nNewsgroups: a.b,a.c\r\n" in kept


def test_newsgroups_that_name_other_rooms_are_replaced() -> None:
    kept, _ = as_kept(b"From: a@b.c\r\nNewsgroups: x.y,\r\n z.z\r\nSubject: x\r\n\r\n", ["a.b"])
    assert kept.count(b"Newsgroups: ") == 1
    assert b"Newsgroups: a.b\r\n" in kept
    assert b"z.z" not in kept
    assert kept.endswith(b"From: a@b.c\r\nSubject: x\r\n\r\n")


def test_a_path_goes_on_in_ours() -> None:
    kept, _ = as_kept(b"Path: elsewhere!x\r\nFrom: a@b.c\r\nNewsgroups: a.b\r\nSubject: x\r\n\r\n", ["a.b"])
    assert kept.startswith(b"Path: news.example.org!.POSTED!elsewhere!x\r\n")
    assert kept.count(b"Path:") == 1
    with pytest.raises(ArticleUnfit, match="Path is too long"):
        as_kept(b"Path: " + b"a!" * 490 + b"x\r\nFrom: a@b.c\r\nNewsgroups: a.b\r\nSubject: x\r\n\r\n", ["a.b"])


def test_results_of_checks_that_were_not_made_are_taken_out_and_everything_else_stays() -> None:
    ours = b"Authentication-Results: News.example.org;\r\n\tdmarc=pass\r\n"
    others = (
        b"authentication-results: mx.example.net; dmarc=fail\r\nX-Authentication-Results: news.example.org; none\r\n"
    )
    rest = b"Subject: x\r\nMessage-ID: <1@x>\r\n" + others + b"From: a@b.c\r\n\r\n" + ours
    for injection, path in (
        (MEMBERS, b""), (STRANGERS, b""), (STRANGERS._replace(relayed=True), b"Path: elsewhere!x\r\n"),
    ):  # fmt: skip
        came = path + b"Newsgroups: a.b\r\nDate: " + DATE + b"\r\n" + rest
        forged = came.replace(b"Date: ", ours + b"Date: ", 1).replace(b"From: ", ours + ours + b"From: ", 1)
        assert as_kept(forged, ["a.b"], injection) == as_kept(came, ["a.b"], injection)
        by_mail, _ = as_kept(forged, ["a.b"], injection._replace(by_mail=True))
        assert by_mail.count(ours) == 4


def test_a_moderator_s_post_says_who_approved_it() -> None:
    came = b"From: a@b.c\r\nNewsgroups: a.b\r\nSubject: x\r\n\r\n"
    kept, _ = as_kept(came, ["a.b"], approved="alice@example.org")
    assert b"\r\nApproved: alice@example.org\r\n" in kept
    kept, _ = as_kept(b"Approved: bob@b.c\r\n" + came, ["a.b"], approved="alice@example.org")
    assert kept.count(b"Approved:") == 1


def test_a_relayed_article_keeps_its_fields_and_loses_the_numbers_of_the_other_server() -> None:
    came = (
        b"Path: elsewhere!.POSTED!x\r\nXref: elsewhere a.b:7\r\nFrom: a@b.c\r\nNewsgroups: a.b,z.z\r\nSubject: x\r\n"
        b"Message-ID: <1@x>\r\nDate: " + DATE + b"\r\nInjection-Info: elsewhere\r\n\r\nBlue.\r\n"
    )
    kept, _ = as_kept(came, ["a.b"], STRANGERS._replace(relayed=True))
    assert kept == (
        b"Path: news.example.org!.SEEN.192.0.2.7!elsewhere!.POSTED!x\r\nFrom: a@b.c\r\nNewsgroups: a.b,z.z\r\n"
        b"Subject: x\r\nMessage-ID: <1@x>\r\nDate: " + DATE + b"\r\nInjection-Info: elsewhere\r\n\r\nBlue.\r\n"
    )
