"""Lines of the log: for people, as JSON, and read back."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from shared.activity.events import (
    FIELDS,
    MOST_RECIPIENTS_SHOWN,
    Append,
    Command,
    Event,
    Message,
    Outcome,
    RecipientReply,
    Session,
    SignInAttempt,
    SignInOutcome,
)
from shared.activity.line import LONGEST_FIELD, as_fields, as_json, as_text, read_line, text_of

HEAD = "2026-01-02T03:04:05.678Z info  smtp_ingest "
MESSAGE = Message(
    "1f2e3d", Outcome.ACCEPTED, "smtp", "192.0.2.7", "", "mx.example.org", "ann@example.org",
    (RecipientReply("bob@localhost", 250), RecipientReply("nobody@localhost", 550)), 2, 1, 4096, 250, "2.0.0", 12,
    "pass",
)  # fmt: skip


APPEND = Append(Outcome.ACCEPTED, "imaps", "192.0.2.7", "ann", "Archive/2026", 7, 4096, "OK", "", 12)


def hostile(text: str) -> Message:
    return MESSAGE._replace(helo=text, sender=text, to=(RecipientReply(text, 250),))


def test_message_is_one_line_that_a_person_can_read() -> None:
    assert as_text(MESSAGE) == (
        "message id=1f2e3d outcome=accepted door=smtp peer=192.0.2.7 helo=mx.example.org from=ann@example.org"
        " to=bob@localhost:250,nobody@localhost:550 recipients=2 refused=1 octets=4096 code=250 status=2.0.0 ms=12"
        " auth=pass"
    )


def test_json_has_the_same_names_and_typed_values() -> None:
    fields = json.loads(as_json(as_fields(MESSAGE)))
    assert fields["to"] == [{"address": "bob@localhost", "code": 250}, {"address": "nobody@localhost", "code": 550}]
    assert fields["octets"] == 4096
    assert {*fields} - {"event"} == set(FIELDS[Message]) - {"account"}
    assert {*read_line(HEAD + as_text(MESSAGE))} - {"time", "level", "service"} == {*fields}


@given(st.text())
def test_whatever_a_stranger_chose_is_one_line_and_one_field(text: str) -> None:
    line = HEAD + as_text(hostile(text))
    assert line.isprintable()
    read = read_line(line)
    if len(text) <= LONGEST_FIELD:
        assert read.get("helo", "") == text
        assert read.get("from", "") == text
    assert (read["id"], read["octets"], read["outcome"]) == ("1f2e3d", "4096", "accepted")
    assert as_json(as_fields(hostile(text))).isprintable()


@given(st.text(st.characters(max_codepoint=0x100), max_size=20), st.text(' "=:,x', max_size=4), st.booleans())
def test_the_quick_way_gives_the_same_line(text: str, other: str, accepted: bool) -> None:
    for message in (
        MESSAGE,
        MESSAGE._replace(helo=text, account=other),
        MESSAGE._replace(sender=text, status=other, code=250 if accepted else None),
        MESSAGE._replace(to=(RecipientReply(text, 250), RecipientReply(other, 550)) if accepted else (), id=other),
    ):
        assert as_text(message) == text_of(message)


@given(st.text(st.characters(max_codepoint=0x100), max_size=20), st.text(' "=:,x', max_size=4), st.booleans())
def test_the_quick_way_gives_the_same_line_of_an_append(text: str, other: str, accepted: bool) -> None:
    uid = 7 if accepted else None
    for append in (
        APPEND,
        APPEND._replace(mailbox=text, account=other or "ann", uid=uid),
        APPEND._replace(mailbox="x" * 200 + text * 10, status=other),
        APPEND._replace(outcome=Outcome.REFUSED, status="OVERQUOTA", uid=uid, account=other),
    ):
        assert as_text(append) == text_of(append)


def test_field_cannot_be_forged_by_a_name_with_blanks() -> None:
    read = read_line(HEAD + as_text(MESSAGE._replace(helo='x id=forged outcome=refused "')))
    assert read["id"] == "1f2e3d"
    assert read["helo"] == 'x id=forged outcome=refused "'


def test_line_is_bounded_however_long_the_fields_are() -> None:
    long = "ä\u202e" * 3000
    recipients = tuple(RecipientReply(long, 250) for _ in range(MOST_RECIPIENTS_SHOWN))
    message = MESSAGE._replace(helo=long, sender=long, to=recipients, recipients=1000)
    # An escape is six characters for one.
    assert len(as_text(message)) < (MOST_RECIPIENTS_SHOWN + 3) * (LONGEST_FIELD + 10) * 6
    assert len(as_text(MESSAGE._replace(to=tuple(RecipientReply("x" * 5000, 250) for _ in recipients)))) < 8192


def test_every_kind_of_line_can_be_read_back() -> None:
    attempts: list[tuple[Event, tuple[str, str]]] = [
        (
            SignInAttempt(SignInOutcome.LOCKED_OUT, "imaps", "::1", "alice", "PLAIN"),
            ("sign_in", "locked_out"),
        ),
        (Command("done", "ann", "agora user add 'b c'", ""), ("command", "done")),
    ]
    for event, expected in attempts:
        read = read_line(HEAD + as_text(event))
        assert (read["event"], read["outcome"]) == expected
    session = read_line(HEAD + as_text(Session("client_left", "imap", "192.0.2.1", "alice", 1.5, 10, 20, 3)))
    assert (session["event"], session["seconds"], session["commands"]) == ("session", "1.500", "3")


def test_lines_of_another_kind_are_read_as_text() -> None:
    assert read_line(HEAD + "smtp listens on 127.0.0.1:2025")["message"] == "smtp listens on 127.0.0.1:2025"
    assert read_line(HEAD + "message id=x that is not ours")["message"] == "message id=x that is not ours"
    assert read_line("    Traceback (most recent call last):") == {}
    assert read_line('{"broken') == {}
    assert read_line("<6>" + HEAD + "said")["message"] == "said"
