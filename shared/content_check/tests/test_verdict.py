"""The verdict in an answer of rspamd's, and answers that are none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.content_check.verdict import BadVerdict, ContentAction, ContentVerdict, FieldRemoval, read_verdict


def read(**answer: Any) -> ContentVerdict:
    return read_verdict(json.dumps(answer).encode())


@pytest.mark.parametrize(
    ("named", "action"),
    [
        ("no action", ContentAction.TAKE),
        ("greylist", ContentAction.TAKE),
        ("add header", ContentAction.JUNK),
        ("rewrite subject", ContentAction.JUNK),
        ("quarantine", ContentAction.JUNK),
        ("soft reject", ContentAction.DEFER),
        ("reject", ContentAction.REFUSE),
        ("discard", ContentAction.REFUSE),
    ],
)
def test_action_decides(named: str, action: ContentAction) -> None:
    assert read(action=named).action is action


@pytest.mark.parametrize(
    "octets",
    [b"", b"no", b"[]", b"{}", b'{"action": 1}', b'{"action": "x"}', b'{"action": ["reject"]}', b"[" * 100_000],
    ids=["empty", "no JSON", "a list", "nothing", "a number", "unknown", "a list of actions", "deep"],
)
def test_what_cannot_be_read_is_no_verdict(octets: bytes) -> None:
    with pytest.raises(BadVerdict):
        read_verdict(octets)


def test_fields_are_added_in_each_of_the_ways_that_there_are() -> None:
    added = {"X-A": "1", "X-B": {"value": "2", "order": 0}, "X-C": [{"value": "3"}, "4"], "X-D": 5.5}
    assert read(action="no action", milter={"add_headers": added}).added == (
        b"X-A: 1\r\nX-B: 2\r\nX-C: 3\r\nX-C: 4\r\nX-D: 5.5\r\n"
    )


def test_a_folded_value_stays_one_field() -> None:
    told = "a;\n\tb;\r\n  c\r\nd\x00\x07e\n\n"
    assert (
        read(action="no action", milter={"add_headers": {"X-A": told}}).added == b"X-A: a;\r\n\tb;\r\n\tc\r\n\tde\r\n"
    )


def test_what_can_be_no_field_is_left_out() -> None:
    added: dict[str, Any] = {"X A": "1", "X:": "2", "Ä": "3", "X-Long": "x" * 999, "X-List": [[], None, {"value": {}}]}
    assert read(action="no action", milter={"add_headers": added, "remove_headers": []}).added == b""


def test_too_large_a_header_is_no_verdict() -> None:
    with pytest.raises(BadVerdict):
        read(action="no action", milter={"add_headers": {"X-A": ["x" * 900] * 99}})


def test_fields_are_named_for_removal() -> None:
    removed = {"X-A": 0, "Subject": [1, -1], "X-B": "no", "X C": 0}
    assert read(action="no action", milter={"remove_headers": removed}).removed == [
        FieldRemoval(b"x-a", 0),
        FieldRemoval(b"subject", 1),
        FieldRemoval(b"subject", -1),
    ]


def test_junk_has_a_field_that_programs_know_and_a_subject_is_rewritten() -> None:
    verdict = read(action="rewrite subject", subject="[SPAM] tea")
    assert verdict.added == b"Subject: [SPAM] tea\r\nX-Spam: Yes\r\n"
    assert verdict.removed == [FieldRemoval(b"subject", 0), FieldRemoval(b"x-spam", 0)]
    assert read(action="no action", subject="[SPAM] tea").added == b""


def test_the_sentence_is_one_line_of_ascii() -> None:
    told = {"smtp_message": "Gtube\r\n250 ok é" + "x" * 300}
    sentence = read(action="reject", messages=told).sentence
    assert sentence.startswith("Gtube??250 ok ?xxx")
    assert len(sentence) == 200
