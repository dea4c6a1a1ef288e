"""The loop of commands in one line: facts and bugs are answers, errors have a budget, and last words one table."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock

from shared.conversation.ending import Ending
from shared.conversation.errors import LineTooLong
from shared.conversation.factory import ConversationFactory
from shared.conversation.limits import Limits
from shared.conversation.peer import TlsDetails
from shared.conversation.tests.sessions import Client
from shared.conversation.verbs import VerbConversation
from shared.errors import DomainError


class Gone(DomainError):
    """A fact."""


ENDINGS = {Ending.INTERNAL_ERROR: b"bye: broken\r\n", Ending.SHUTDOWN: b"bye: leaving\r\n"}

REPLIES = {Gone: b"sorry: gone\r\n", LineTooLong: b"too long\r\n"}


class Parrot(VerbConversation):
    """SAY, FACT, BUG, LOST (a bug in the middle of its octets), QUIT."""

    endings = ENDINGS
    error_replies = REPLIES
    unexpected = b"sorry\r\n"
    unknown_verb = b"no such verb\r\n"
    too_many_errors = b"bye: too many errors\r\n"

    def __init__(self) -> None:
        super().__init__(COMMANDS, most_errors=3)
        self.succeeded: list[bool] = []

    def welcome(self) -> bytes:
        return b"hello\r\n"

    def say_error(self, error: Exception) -> None:
        super().say_error(error)
        if isinstance(error, LineTooLong):
            self.errors += 1

    def obeyed(self, succeeded: bool) -> None:
        self.succeeded.append(succeeded)


async def say(session: Parrot, argument: bytes) -> None:
    session.write(argument + b"\r\n")


async def fact(session: Parrot, argument: bytes) -> None:
    raise Gone


async def bug(session: Parrot, argument: bytes) -> None:
    raise ZeroDivisionError(argument)


async def lost(session: Parrot, argument: bytes) -> None:
    session.in_the_middle = True
    await session.read_exactly(3)
    raise ZeroDivisionError(argument)


async def leave(session: Parrot, argument: bytes) -> None:
    session.over = True
    session.write(b"bye\r\n")


COMMANDS = {
    b"SAY": say,
    b"FACT": fact,
    b"BUG": bug,
    b"LOST": lost,
    b"QUIT": leave,
}


@pytest.fixture
def factory() -> ConversationFactory:
    return ConversationFactory(Parrot, name="parrot", clock=Clock(), limits=Limits(line_octets=100))


@pytest.fixture
def client(factory: ConversationFactory) -> Client:
    client = Client(factory)
    assert client.heard() == b"hello\r\n"
    return client


def test_verbs_are_obeyed_in_order_and_in_any_case(client: Client) -> None:
    assert client.send(b"SAY one\r\nsay  two \r\nsay\r\n") == b"one\r\n two \r\n\r\n"
    assert client.send(b"QUIT\r\nSAY more\r\n") == b"bye\r\n"
    assert client.is_closed
    assert client.session.succeeded == [True, True, True, True]


def test_facts_and_bugs_are_answers_and_the_next_command_is_read(client: Client) -> None:
    assert client.send(b"FACT\r\nBUG\r\nSAY on\r\n") == b"sorry: gone\r\nsorry\r\non\r\n"
    assert client.session.succeeded == [False, False, True]
    assert not client.is_closed


def test_a_bug_in_the_middle_of_what_belongs_to_a_command_ends_the_connection(client: Client) -> None:
    assert client.send(b"LOST\r\nSAY", b" never\r\n") == b"bye: broken\r\n"
    assert client.is_closed


def test_a_client_that_errs_too_often_is_let_go(client: Client) -> None:
    said = client.send(b"what\r\n", b"x" * 200 + b"\r\n", b"SAY so\r\n", b"WHAT\r\n")
    assert said == b"no such verb\r\ntoo long\r\nso\r\nno such verb\r\nbye: too many errors\r\n"
    assert client.is_closed


def test_last_words_are_in_one_table(client: Client) -> None:
    client.session.shut_down()
    assert client.heard() == b"bye: leaving\r\n"


@pytest.mark.parametrize(("peer", "may"), [("127.0.0.1", True), ("::1", True), ("198.51.100.7", False)])
def test_passwords_are_for_encrypted_lines_and_this_host(factory: ConversationFactory, peer: str, may: bool) -> None:
    session = Client(factory, peer).session
    assert session.may_sign_in is may
    session.tls = TlsDetails("TLSv1.3", "TLS_AES_256_GCM_SHA384")
    assert session.may_sign_in
