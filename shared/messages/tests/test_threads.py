"""Threads by references and by subject (RFC 5256 §3)."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.messages.thread_header import ThreadHeader, read_thread_header
from shared.messages.threads import Threaded, ThreadNode, by_references, by_subject, render_threads


def a_message(
    number: int, identifier: str = "", *references: str, subject: str = "", sent: float | None = None
) -> Threaded:
    header = ThreadHeader(subject, None, identifier.encode(), tuple(each.encode() for each in references))
    return Threaded(number, number if sent is None else sent, header)


def threads(*messages: Threaded) -> str:
    return b"".join(render_threads(by_references(messages))).decode()


def numbers(roots: list[ThreadNode]) -> list[int]:
    found, waiting = [], list(roots)
    while waiting:
        node = waiting.pop()
        found += [node.message.number] if node.message else []
        waiting += node.children
    return sorted(found)


def test_an_answer_stands_below_what_it_answers() -> None:
    assert threads(a_message(1, "<a>"), a_message(2, "<b>", "<a>"), a_message(3, "<c>")) == "(1 2)(3)"
    assert threads(a_message(1, "<b>", "<a>"), a_message(2, "<a>")) == "(2 1)"


def test_several_answers_are_in_parentheses_by_date() -> None:
    assert threads(
        a_message(1, "<a>"), a_message(2, "<b>", "<a>", sent=9), a_message(3, "<c>", "<a>"),
        a_message(4, "<d>", "<a>", "<c>"),
    ) == "(1 (3 4)(2))"  # fmt: skip


def test_answers_to_a_message_that_is_not_here_stand_together() -> None:
    assert threads(a_message(1, "<b>", "<a>"), a_message(2, "<c>", "<a>")) == "((1)(2))"
    assert threads(a_message(1, "<b>", "<a>"), a_message(2, "<c>", "<x>")) == "(1)(2)"


def test_one_that_is_missing_in_the_middle_is_left_out() -> None:
    assert threads(a_message(1, "<a>"), a_message(2, "<c>", "<a>", "<b>")) == "(1 2)"


def test_a_list_that_rewrote_references_does_not_tear_a_thread_apart() -> None:
    assert threads(
        a_message(1, "<a>", subject="wool"), a_message(2, "<b>", "<lost>", subject="Re: [list] wool")
    ) == "(1 2)"  # fmt: skip
    assert threads(a_message(1, "<a>", subject="wool"), a_message(2, "<b>", subject="Wool")) == "((1)(2))"
    assert threads(a_message(1, "<a>", subject="Re: wool"), a_message(2, "<b>", subject="Re: wool")) == "((1)(2))"
    assert threads(a_message(1, "<a>", subject="Re: wool"), a_message(2, "<b>", subject="wool")) == "(2 1)"
    assert threads(a_message(1, "<a>"), a_message(2, "<b>")) == "(1)(2)"  # no subject is none to have in common


def test_messages_that_answer_each_other_are_no_circle() -> None:
    assert threads(a_message(1, "<a>", "<b>"), a_message(2, "<b>", "<a>")) in {"(1 2)", "(2 1)"}
    assert threads(a_message(1, "<a>", "<a>")) == "(1)"


def test_two_messages_of_one_identifier_are_both_there() -> None:
    assert threads(a_message(1, "<a>"), a_message(2, "<a>"), a_message(3, "<b>", "<a>")) == "(1 3)(2)"


def test_a_chain_of_many_thousands_is_made_in_time() -> None:
    count = 30_000
    messages = [a_message(number, f"<{number}>", f"<{number - 1}>") for number in range(count)]
    begun = time.process_time()
    assert threads(*messages) == "(" + " ".join(map(str, range(count))) + ")"
    assert threads(*reversed(messages)) == "(" + " ".join(map(str, range(count))) + ")"
    assert time.process_time() - begun < 10


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcdef"),
            st.lists(st.sampled_from("abcdefgh"), max_size=4),
            st.sampled_from(["", "x", "Re: x", "y"]),
        )
    )
)
def test_every_message_is_there_once_whatever_they_say(said: list[tuple[str, list[str], str]]) -> None:
    messages = [
        a_message(number, f"<{identifier}>", *(f"<{each}>" for each in references), subject=subject)
        for number, (identifier, references, subject) in enumerate(said)
    ]
    assert numbers(by_references(messages)) == list(range(len(said)))
    assert numbers(by_subject(messages)) == list(range(len(said)))


def test_by_subject_all_are_answers_to_the_earliest() -> None:
    messages = [
        a_message(1, subject="Re: wool", sent=5), a_message(2, subject="wool", sent=4),
        a_message(3, subject="tea", sent=1),        a_message(4, subject="RE: Wool", sent=9),
    ]  # fmt: skip
    assert b"".join(render_threads(by_subject(messages))) == b"(3)(2 (1)(4))"


@pytest.mark.parametrize(
    ("header", "references"),
    [
        (b"References: <a> <b>\r\n\t<c>\r\nIn-Reply-To: <d>\r\n\r\n", (b"<a>", b"<b>", b"<c>")),
        (b"In-Reply-To: Your message of Monday <d> and <e>\r\n\r\n", (b"<d>",)),
        (b"References: nothing of use\r\n\r\n", ()),
        (b"\r\n", ()),
    ],
)
def test_references_are_read_from_the_header(header: bytes, references: tuple[bytes, ...]) -> None:
    assert read_thread_header(header).references == references


def test_of_many_references_the_first_and_the_last_count() -> None:
    header = b"References: " + b" ".join(b"<%d>" % number for number in range(500)) + b"\r\n\r\n"
    references = read_thread_header(header).references
    assert (len(references), references[0], references[-1]) == (100, b"<0>", b"<499>")
