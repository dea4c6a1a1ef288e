"""`agora mail` at servers that lie, send too much or refuse: one sentence, and nothing on the terminal that obeys."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shared.command_line.mail.client.connection import MailConnection
from shared.command_line.root import agora

PASSWORD = "correct horse\n"


@contextmanager
def server_that_says(*answers: bytes) -> Iterator[str]:
    """One that sends the first answer at once, and each other one after a line; then it hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            client, _ = listening.accept()
            with client, client.makefile("rb") as lines:
                for number, answer in enumerate(answers):
                    if number:
                        lines.readline()
                    client.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        thread.join(10)


def ask(command: str, place: str, *words: str) -> Result:
    given = ["mail", command, place, "alice", *words, "--password-stdin"]
    return CliRunner().invoke(agora, given, input=PASSWORD)


GREETING = b"* OK hello\r\n"
CAPABILITIES = b"* CAPABILITY IMAP4rev1\r\na1 OK done\r\n"
SIGNED_IN = (GREETING, CAPABILITIES, b"a2 OK done\r\n", b"* CAPABILITY IMAP4rev1\r\na3 OK done\r\n")


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ((b"* BYE go away \x1b[2J\r\n",), "* BYE go away \\x1b[2J"),
        ((b"220 this is SMTP\r\n",), "220 this is SMTP"),
        ((GREETING, b"\xff\xfe nonsense\r\n"), "this is no answer of IMAP"),
        ((GREETING, CAPABILITIES, b"a2 NO [AUTHENTICATIONFAILED] \x07no\r\n"), "NO [AUTHENTICATIONFAILED] \\x07no"),
        ((*SIGNED_IN, b"* LIST () NIL {99999999999}\r\n"), "would send more than 256 MiB at once"),
        ((*SIGNED_IN, b"x" * 1_100_000), "a line of more than 1 MiB"),
        ((*SIGNED_IN, b"* LIST ("), "closed the connection"),
    ],
    ids=["bye", "another protocol", "garbage", "refusal", "endless literal", "endless line", "cut off"],
)
def test_what_an_imap_server_says_wrong_is_one_sentence(answers: Sequence[bytes], said: str) -> None:
    with server_that_says(*answers) as place:
        done = ask("folders", place)
    assert (done.exit_code, done.output.count("\n")) == (1, 1), done.output
    assert said in done.output
    assert done.output.replace("\n", "").isprintable()


def test_names_of_folders_are_shown_without_what_a_terminal_obeys() -> None:
    listed = b'* LIST () "/" "a\x1b[31m"\r\na4 OK done\r\n'
    with server_that_says(*SIGNED_IN, listed, b"a5 OK bye\r\n") as place:
        assert ask("folders", place).output == "a\\x1b[31m\n"


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ((b"-ERR busy\r\n",), "-ERR busy"),
        ((b"+OK\r\n", b"-ERR\r\n", b"+OK\r\n", b"-ERR wrong\r\n"), "-ERR wrong"),
        ((b"+OK\r\n", b"-ERR\r\n", b"+OK\r\n", b"+OK\r\n", b"+OK\r\n1 99\r\n"), "closed the connection"),
    ],
    ids=["busy", "wrong password", "cut off"],
)
def test_what_a_pop_server_says_wrong_is_one_sentence_and_leaves_no_file(
    answers: Sequence[bytes], said: str, tmp_path: Path
) -> None:
    with server_that_says(*answers) as place:
        done = ask("pop", place, f"{tmp_path}/file")
    assert (done.exit_code, said in done.output) == (1, True), done.output


EHLO = (b"220 hello\r\n", b"250-hello\r\n250 AUTH SCRAM-SHA-256 PLAIN\r\n")


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ((b"235 come in\r\n",), "has not proved, by SCRAM-SHA-256, that it knows the password"),
        ((b"334 \r\n", b"221 bye\r\n"), "the server speaks SCRAM-SHA-256 wrongly"),
        ((b"334 cj14LHM9eA==\r\n",), "the server speaks SCRAM-SHA-256 wrongly"),
        ((b"454 later\r\n",), "454 later"),
        ((b"535 no\r\n", b"535 no such \x07password\r\n"), "535 no such \\x07password"),
    ],
    ids=["no question", "no challenge", "another nonce", "later", "refusal"],
)
def test_a_server_that_does_not_know_the_password_is_sent_nothing(answers: Sequence[bytes], said: str) -> None:
    with server_that_says(*EHLO, *answers) as place:
        words = ["mail", "send", "bob@x.test", "--from", "alice@x.test", "--user", "alice", "--server", place]
        done = CliRunner().invoke(agora, [*words, "--password-stdin"], input=PASSWORD)
    assert said in done.output, done.output
    assert done.output.replace("\n", "").isprintable()


def test_a_password_of_any_letters_is_sent() -> None:
    plain = (EHLO[0], b"250-hello\r\n250 AUTH PLAIN\r\n")
    with server_that_says(*plain, b"535 no\r\n") as place:
        words = ["mail", "send", "bob@x.test", "--from", "alice@x.test", "--user", "alice", "--server", place]
        done = CliRunner().invoke(agora, [*words, "--password-stdin"], input="pässwörd\n")
    assert done.output == "agora: 535 no\n"


def test_a_password_does_not_go_in_the_clear_to_another_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MailConnection, "stays_here", False)
    with server_that_says(GREETING, CAPABILITIES) as place:
        done = ask("folders", place)
    assert "the password would go in the clear" in done.output
