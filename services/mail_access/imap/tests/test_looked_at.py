"""Sessions of a real process that an administrator lists, watches and ends, without Redis; and those in the log."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from shared.administration import sessions
from shared.control.sessions.errors import NotShown, SessionNotFound
from shared.database.blocking import BlockingDatabase
from shared.database.transaction import Transaction
from shared.runtime.tests.running import EchoProcess
from shared.testing.builders import a_member, verifiers_of
from shared.testing.eventually import eventually

PASSWORD = "kept in a drawer"
LOOPBACK = "tcp:0:interface=127.0.0.1"
Run = Callable[..., EchoProcess]


@pytest.fixture
def store(database_url: str, transaction: Transaction) -> BlockingDatabase:
    for name in ("alice", "bob"):
        a_member(transaction, name, verifiers=verifiers_of(PASSWORD))
    transaction.commit()
    return BlockingDatabase(database_url, "tests")


@pytest.fixture
def run(tmp_path: Path, database_url: str, store: BlockingDatabase) -> Iterator[Run]:
    with ExitStack() as stack:

        def start(**settings: str) -> EchoProcess:
            chosen = {
                "AGORA_DATABASE_URL": database_url,
                "AGORA_POLL_INTERVAL": "100ms",
                **{f"AGORA_{door}_ENDPOINTS": LOOPBACK for door in ("IMAP", "IMAPS", "POP3", "POP3S")},
                **settings,
            }
            service = EchoProcess(tmp_path / "service", settings=chosen, module="services.mail_access")
            return stack.enter_context(service).wait_until_open()

        yield start


@contextmanager
def imap(service: EchoProcess) -> Iterator[Callable[[bytes], bytes]]:
    """Sends a command, and returns the answer with its tag's line."""
    with service.connect("imap") as client, client.makefile("rb") as replies:
        assert replies.readline().startswith(b"* OK")

        def ask(command: bytes) -> bytes:
            client.sendall(command + b"\r\n")
            tag, answer = command.split(b" ")[0] + b" ", b""
            while not answer.rpartition(b"\r\n")[0].rpartition(b"\r\n")[2].startswith((tag, b"+")):
                line = replies.readline()
                answer += line
                if not line or line.startswith(b"* BYE"):
                    break
            return answer

        yield ask


def asked(store: BlockingDatabase, question: int) -> sessions.SessionAnswers:
    def all_answered() -> sessions.SessionAnswers | None:
        told = store.read(sessions.answers, question)
        return told if told.answers and not told.missing else None

    return eventually(all_answered, "the process answers")


def listed(store: BlockingDatabase, account: str | None = None) -> Sequence[dict[str, object]]:
    return [dict(each) for each in asked(store, store.transact(sessions.ask_for_all, account)).sessions]


def sign_in(ask: Callable[[bytes], bytes], name: bytes = b"alice") -> None:
    assert b"a OK" in ask(b'a LOGIN %b "%b"' % (name, PASSWORD.encode()))


def test_sessions_are_listed_with_door_account_peer_state_and_octets(run: Run, store: BlockingDatabase) -> None:
    service = run()
    with imap(service) as alice, imap(service):
        sign_in(alice)
        assert b"b OK" in alice(b"b SELECT INBOX")
        first, second = listed(store)
        assert {first["door"], second["door"]} == {"imap"}
        by_account = {each["account"]: each for each in (first, second)}
        assert by_account["alice"]["state"] == "selected"
        assert by_account[""]["state"] == "not signed in"
        assert by_account["alice"]["peer"] == "127.0.0.1"
        assert by_account["alice"]["octets_in"] == len(b'a LOGIN alice "kept in a drawer"\r\nb SELECT INBOX\r\n')
        assert str(by_account["alice"]["since"]).startswith("20")
        assert [each["account"] for each in listed(store, "alice")] == ["alice"]
        assert listed(store, "bob") == []


def test_a_session_is_ended_with_the_last_words_and_only_its_own_account_may(run: Run, store: BlockingDatabase) -> None:
    service = run()
    with imap(service) as alice:
        sign_in(alice)
        [session] = listed(store)
        name = str(session["id"])
        for account, wrong in (("bob", name), ("alice", name + "0"), (None, "0-1")):
            told = asked(store, store.transact(sessions.ask_to_end, wrong, account))
            with pytest.raises(SessionNotFound):
                sessions.is_found(told, wrong)
        assert b"c OK" in alice(b"c NOOP")
        assert sessions.is_found(asked(store, store.transact(sessions.ask_to_end, name, "alice")), name)
        assert alice(b"d NOOP").startswith(b"* BYE")
        assert {each["state"] for each in listed(store)} <= {"closing"}, "until the client closes its side"
    eventually(lambda: listed(store) == [], "it is gone")


def test_a_watched_session_is_shown_without_password_and_message(run: Run, store: BlockingDatabase) -> None:
    service = run()
    with imap(service) as alice:
        [session] = listed(store)
        name = str(session["id"])
        question = store.transact(sessions.ask_to_watch, name, timedelta(minutes=5))
        assert sessions.is_found(asked(store, question), name)
        again = store.transact(sessions.ask_to_watch, name, timedelta(minutes=5))
        with pytest.raises(NotShown):
            sessions.is_found(asked(store, again), name)
        alice(b"x CAPABILITY")  # nothing was known of what the client was at: its first line is a size
        sign_in(alice)
        alice(b"b APPEND INBOX {22+}\r\nSubject: secret\r\n\r\ntea")
        assert b"secret" in alice(b"c FETCH 1 BODY[]") + alice(b"d SELECT INBOX") + alice(b"e FETCH 1 BODY[]")
        alice(b"f LOGOUT")

        def said() -> sessions.ShownLines | None:
            shown = store.read(sessions.lines, question, 0)
            return shown if shown.over else None

        lines = [line.lstrip().split(" ms ", 1)[1] for line in eventually(said, "the session is over").lines]
        assert lines[0] == "C: (12 octets)"
        assert "C: a LOGIN (26 octets)" in lines or "C: a LOGIN (25 octets)" in lines
        assert "C: b APPEND INBOX {22+}" in lines
        assert "C: (22 octets)" in lines
        assert "S: (22 octets)" in lines
        assert "C: f LOGOUT" in lines
        text = "\n".join(lines)
        assert "drawer" not in text
        assert "secret" not in text


def test_a_watch_that_nobody_reads_ends_by_itself(run: Run, store: BlockingDatabase) -> None:
    service = run()
    with imap(service) as alice:
        [session] = listed(store)
        question = store.transact(sessions.ask_to_watch, str(session["id"]), timedelta(minutes=5))
        asked(store, question)
        store.transact(sessions.end, question)
        alice(b"a NOOP")

        def is_free() -> bool:
            name = str(session["id"])
            again = store.transact(sessions.ask_to_watch, name, timedelta(minutes=5))
            told = asked(store, again)
            store.transact(sessions.end, again)
            return bool(told.answers[0]["shown"])

        eventually(is_free, "it can be watched again")


def test_conversations_of_an_account_are_shown_in_the_log_from_its_sign_in_on(run: Run) -> None:
    service = run(AGORA_SHOW_CONVERSATIONS="alice")
    for name in (b"bob", b"alice"):
        with imap(service) as ask:
            ask(b"x NOOP")
            sign_in(ask, name)
            ask(b'%b LIST "" *' % name)
    eventually(lambda: "C: alice LIST" in service.output(), "the lines are there")
    output = service.output()
    assert "imap 127.0.0.1 alice" in output
    assert "C: bob" not in output
    assert "C: x NOOP" not in output
    assert "drawer" not in output


def test_conversations_of_a_network_are_shown_in_the_log(run: Run) -> None:
    service = run(AGORA_SHOW_CONVERSATIONS="127.0.0.0/8")
    with service.connect("pop3") as client:
        client.recv(1000)
        client.sendall(b"USER bob\r\nPASS wrong-one\r\nQUIT\r\n")
        client.shutdown(socket.SHUT_WR)
        while client.recv(1000):
            pass
    eventually(lambda: "C: QUIT" in service.output(), "the lines are there")
    output = service.output()
    assert "C: USER bob" in output
    assert "C: PASS (10 octets)" in output
    assert "wrong-one" not in output
    assert "S: +OK Agora POP3 ready" in output
