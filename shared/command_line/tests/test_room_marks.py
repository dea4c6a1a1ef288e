"""`agora room marks`, as it is typed; integration_tests/stories/test_matrix.py has it beside the other doors."""

from __future__ import annotations

import pytest

from shared.command_line.rooms.marks import NUMBERS
from shared.command_line.tests.conftest import Agora, read_json


def test_articles_that_are_not_there_are_not_marked(run_with_a_room: Agora) -> None:
    run = run_with_a_room
    shown = read_json(run("room", "marks", "A.B", "alice", "--seen", "1-9,20-", "--flagged", "3", "--json"))
    assert shown == {"room": "a.b", "account": "alice", "seen": [], "flagged": [], "answered": []}
    lines = run("room", "marks", "a.b", "alice").output.splitlines()
    assert [line.split() for line in lines[1:]] == [["seen", "none"], ["flagged", "none"], ["answered", "none"]]


def test_rooms_and_accounts_that_are_not_there_are_refused(run_with_a_room: Agora) -> None:
    run = run_with_a_room
    assert run("room", "marks", "x.y", "alice", status=1).stderr == "agora: there is no room called x.y\n"
    assert run("room", "marks", "a.b", "bob", status=1).stderr == "agora: there is no account called bob\n"


def test_numbers_are_spans_with_commas_between_them() -> None:
    assert NUMBERS.convert("7,1-5, 9-", None, None) == [(7, 7), (1, 5), (9, 2**31 - 1)]


@pytest.mark.parametrize("text", ["", "0", "x", "1-2-3", "-5", "1,", "1" * 20, ",".join(["1"] * 1001)])
def test_anything_else_is_no_numbers(run_with_a_room: Agora, text: str) -> None:
    assert (
        "are no numbers of articles"
        in run_with_a_room("room", "marks", "a.b", "alice", "--seen", text, status=2).stderr
    )
