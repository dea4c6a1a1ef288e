"""`agora news` before servers that are old, broken or hostile: bounded, one sentence, nothing raw on the terminal."""

from __future__ import annotations

import contextlib
import socketserver
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shared.command_line.news.client import choose, connection, groups
from shared.command_line.root import agora
from shared.testing.closed_port import closed_port

GREETING = b"200 ready\r\n"
OLD = {b"QUIT": b"205 bye\r\n", b"CAPABILITIES": b"500 what?\r\n", b"MODE": b"200 ready\r\n"}
TEA = {b"GROUP": b"211 2 1 2 tea\r\n", b"LISTGROUP": b"211 2 1 2 tea\r\n1\r\n2\r\n.\r\n"}
ARTICLE = b"220 1 <a@b>\r\nFrom: a@b.example\r\nDate: Mon, 01 Jul 2024 09:00:00 +0000\r\n\r\n..x\r\n.\r\n"
ENDLESS = b"+"  # an answer that ends so goes on for ever with the octets before
CLOSE = b"!"  # the connection ends behind the octets before


class _Client(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        with contextlib.suppress(OSError):
            self._converse()

    def _converse(self) -> None:
        server = self.server
        assert isinstance(server, Scripted)
        self.wfile.write(server.greeting)
        for line in self.rfile:
            command = line.strip()
            server.asked.append(command)
            verb = command.partition(b" ")[0]
            answer = server.answers.get(command, server.answers.get(verb, b""))  # lines of an article have none
            if answer.endswith(ENDLESS):
                while True:
                    self.wfile.write(answer[:-1])
            self.wfile.write(answer.removesuffix(CLOSE))
            if answer.endswith(CLOSE):
                return


class Scripted(socketserver.ThreadingTCPServer):
    """A server that has an answer to each command, or to its verb."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, answers: Mapping[bytes, bytes], greeting: bytes = GREETING) -> None:
        super().__init__(("127.0.0.1", 0), _Client)
        self.answers = {**OLD, **answers}
        self.greeting = greeting
        self.asked: list[bytes] = []


@contextlib.contextmanager
def scripted(answers: Mapping[bytes, bytes], greeting: bytes = GREETING) -> Iterator[Scripted]:
    with Scripted(answers, greeting) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def run(server: Scripted, *words: str | Path, input: str = "") -> Result:
    where = f"127.0.0.1:{server.server_address[1]}"
    place = (where,) if words[0] == "groups" else ("--host", where)
    return CliRunner().invoke(agora, ["news", str(words[0]), *map(str, words[1:]), *place], input=input)


def refused(result: Result) -> str:
    """The one sentence that a command ended with."""
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 1
    lines = [line for line in result.stderr.splitlines() if line.startswith("agora: ")]
    assert len(lines) == 1, result.stderr
    return lines[0].removeprefix("agora: ")


@pytest.mark.parametrize(
    "greeting", [b"x" * 64 + ENDLESS, b"200 ready" + b"\0" * 5000 + b"\r\n"], ids=["endless", "long"]
)
def test_a_line_without_end_is_not_read_on(greeting: bytes) -> None:
    with scripted({}, greeting[:-1] * 100 if greeting.endswith(ENDLESS) else greeting) as server:
        assert refused(run(server, "groups")) == "the server sent a line of more than 4 KiB"


def test_a_line_of_a_block_without_end_is_not_read_on(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted({b"LIST": b"215 list\r\n" + b"x" * (connection.LINE_OCTETS + 2) + b"y" + ENDLESS}) as server:
        assert refused(run(server, "groups")) == "the server sent a line of more than 1 MiB"


def test_a_block_without_end_is_not_read_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(groups, "_LIST_OCTETS", 1 << 16)
    with scripted({b"LIST": b"215 list\r\n" + b"tea 1 1 y\r\n" * 100 + ENDLESS}) as server:
        assert refused(run(server, "groups")) == "the server sent an answer of more than 64 KiB"


def test_an_article_without_end_leaves_the_whole_ones_in_the_file(tmp_path: Path) -> None:
    endless = b"220 2 <b@b>\r\n" + (b"x" * 100_000 + b"\r\n") * 10 + ENDLESS
    with scripted({**TEA, b"ARTICLE 1": ARTICLE, b"ARTICLE 2": endless}) as server:
        assert refused(run(server, "get", "tea", tmp_path / "tea")) == "the server sent an answer of more than 64 MiB"
    assert (tmp_path / "tea").read_bytes().endswith(b"\n\n.x\n\n")
    assert (tmp_path / "tea").read_bytes().count(b"\nFrom ") == 0


def test_a_connection_that_ends_in_an_article_leaves_the_whole_ones_in_the_file(tmp_path: Path) -> None:
    with scripted({**TEA, b"ARTICLE 1": ARTICLE, b"ARTICLE 2": b"220 2 <b@b>\r\nFrom: x\r\n" + CLOSE}) as server:
        said = run(server, "get", "tea", tmp_path / "tea")
    assert refused(said).endswith("closed the connection")
    assert "Fetching article 2 of 2... \n" in said.stderr
    assert (tmp_path / "tea").read_bytes().startswith(b"From a@b.example ")
    assert b"From: x" not in (tmp_path / "tea").read_bytes()


def test_a_file_that_was_to_be_replaced_stays_when_the_connection_ends(tmp_path: Path) -> None:
    (tmp_path / "tea").write_bytes(b"before")
    with scripted({**TEA, b"ARTICLE": b"220 2 <b@b>\r\n" + CLOSE}) as server:
        assert refused(run(server, "get", "tea", tmp_path / "tea", "--force")).endswith("closed the connection")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("tea", b"before")]


@pytest.mark.parametrize("at", [b"CAPABILITIES", b"MODE", b"LIST"])
def test_a_server_that_closes_in_the_middle_is_told_in_one_sentence(at: bytes) -> None:
    with scripted({at: b"21" + CLOSE}) as server:
        assert refused(run(server, "groups")).endswith("closed the connection")


def test_escape_sequences_of_the_server_are_written_out(tmp_path: Path) -> None:
    escape = b"\x1b]0;x\x07\xc2\x9b2J"
    shown = r"\x1b]0;x\x07\x9b2J"
    with scripted({b"LIST": b"500 " + escape + b"\r\n"}) as server:
        assert refused(run(server, "groups")) == f"500 {shown}"
    with scripted({b"LIST": b"215 list\r\n" + escape + b" 1 1 y\r\n.\r\n"}) as server:
        assert run(server, "groups").stdout == f"{shown}\n"
        assert "\x9b" not in run(server, "groups", "--json").stdout
    with scripted({**TEA, b"ARTICLE": b"430 " + escape + b"\r\n"}) as server:
        assert f"Fetching article 1 of 2... 430 {shown}\n" in run(server, "get", "tea", tmp_path / "tea").stderr
    with scripted({b"POST": b"340 go on\r\n", b".": b"240 " + escape + b"\r\n"}) as server:
        said = run(server, "post", "tea", "--json", input="From: a@b.example\nMessage-ID: \x1b\x9b\nSubject: x\n\nx\n")
        assert (said.exit_code, "\x1b" in said.stdout, "\x9b" in said.stdout) == (0, False, False)


@pytest.mark.parametrize("greeting", [b"HTTP/1.1 400 Bad Request\r\n", b"\x16\x03\x01\r\n", b"20\r\n", b"\r\n"])
def test_what_speaks_no_nntp_is_told_in_one_sentence(greeting: bytes) -> None:
    with scripted({}, greeting) as server:
        assert refused(run(server, "groups")).startswith("this is no reply of NNTP: ")


def test_the_servers_refusal_to_talk_is_its_line() -> None:
    with scripted({}, b"400 come back at four\r\n") as server:
        assert refused(run(server, "groups")) == "400 come back at four"
    with closed_port() as port:
        where = f"127.0.0.1:{port}"
        said = refused(CliRunner().invoke(agora, ["news", "groups", where]))
        assert said == f"{where} cannot be reached: Connection refused"


def test_octets_behind_the_reply_to_starttls_end_the_session() -> None:
    with scripted({b"STARTTLS": b"382 now\r\n281 signed in\r\n"}) as server:
        assert refused(run(server, "groups", "--starttls")) == "the server sent more than its reply to STARTTLS"


def test_a_server_without_newnews_is_asked_for_dates(tmp_path: Path) -> None:
    lines = [b"1\tx\ta@b\tMon, 01 Jul 2024 09:00:00 +0000\t<1@b>", b"2\tx\ta@b\tno date\t<2@b>", b"3\tx"]
    lines += [b"4\tx\ta@b\tMon, 01 Jul 2024 11:30:00 +0200\t<4@b>", b"x\t", b"", b"5\tx\ta@b\tMon, 01 Jul 2024 11:00\t"]
    overview = b"224 lines\r\n" + b"\r\n".join(lines) + b"\r\n.\r\n"
    for code in (b"480", b"500", b"501", b"502", b"503"):
        answers = {**TEA, b"NEWNEWS": code + b" no\r\n", b"OVER": b"500 what?\r\n", b"XOVER": overview}
        with scripted({**answers, b"ARTICLE": ARTICLE}) as server:
            assert run(server, "get", "tea", tmp_path / "x", "--force", "--since", "2024-07-01T09:15Z").exit_code == 0
        assert b"NEWNEWS tea 20240701 091500 GMT" in server.asked
        assert [each for each in server.asked if each.startswith(b"ARTICLE")] == [
            *(b"ARTICLE 2", b"ARTICLE 3", b"ARTICLE 4", b"ARTICLE 5"),
        ]


def test_another_refusal_of_newnews_is_told(tmp_path: Path) -> None:
    with scripted({**TEA, b"NEWNEWS": b"403 not now\r\n"}) as server:
        assert refused(run(server, "get", "tea", tmp_path / "x", "--since", "7d")) == "403 not now"


def test_no_message_id_of_the_server_becomes_another_command(tmp_path: Path) -> None:
    news = b"230 list\r\n<a@b>\r\n<a@b> x\r\n<a\rPOST\r@b>\r\nQUIT\r\n<" + b"x" * 300 + b">\r\n.\r\n"
    with scripted({**TEA, b"NEWNEWS": news, b"ARTICLE": ARTICLE}) as server:
        assert run(server, "get", "tea", tmp_path / "x", "--since", "7d").exit_code == 0
    assert [each for each in server.asked if b"a@b" in each] == [b"ARTICLE <a@b>"]


def test_without_listgroup_the_last_numbers_are_asked_for(tmp_path: Path) -> None:
    answers = {b"GROUP": b"211 900 1 1000 tea\r\n", b"LISTGROUP": b"500 what?\r\n", b"ARTICLE": ARTICLE}
    with scripted({**answers, b"ARTICLE 999": b"423 gone\r\n"}) as server:
        said = run(server, "get", "tea", tmp_path / "x", "--last", "2")
    assert (said.exit_code, "Fetching article 1 of 2... 423 gone\n" in said.stderr) == (1, True)
    assert (tmp_path / "x").read_bytes().count(b"From a@b.example") == 1


def test_numbers_that_are_not_used_any_more_are_passed_over(tmp_path: Path) -> None:
    few = b"211 2 1 1000 tea\r\n5\r\n4\r\n.\r\n"
    answers = {b"GROUP": b"211 2 1 1000 tea\r\n", b"LISTGROUP": b"211 0 1 1000 tea\r\n.\r\n", b"ARTICLE": ARTICLE}
    with scripted({**answers, b"LISTGROUP tea 1-1000": few}) as server:
        assert run(server, "get", "tea", tmp_path / "x", "--last", "2").exit_code == 0
    assert [each for each in server.asked if each.startswith(b"ARTICLE")] == [b"ARTICLE 4", b"ARTICLE 5"]


def test_a_group_of_ever_so_many_numbers_is_not_asked_for_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choose, "_OVERVIEW_PAGES", 3)
    answers = {b"GROUP": b"211 9 1 999999999999999999 tea\r\n", b"NEWNEWS": b"503 no\r\n", b"OVER": b"423 none\r\n"}
    with scripted(answers) as server:
        assert run(server, "get", "tea", tmp_path / "x", "--since", "7d").exit_code == 0
    assert len([each for each in server.asked if each.startswith(b"OVER")]) == 3


def test_what_a_server_says_before_it_hangs_up_on_an_article_is_shown() -> None:
    with scripted({b"POST": b"340 go on\r\n", b"From: a@b.example": b"441 too much\r\n" + CLOSE}) as server:
        article = "From: a@b.example\nSubject: x\n\n" + "much\n" * 200_000
        assert "441 too much" in refused(run(server, "post", "tea", input=article))


def test_sasl_plain_is_used_where_authinfo_user_is_not_offered(tmp_path: Path) -> None:
    capabilities = b"101 list\r\nVERSION 2\r\nREADER\r\nAUTHINFO SASL\r\nSASL PLAIN\r\n.\r\n"
    answers = {b"CAPABILITIES": capabilities, b"AUTHINFO": b"281 fine\r\n", b"LIST": b"215 list\r\n.\r\n"}
    (tmp_path / "password").write_text("secret\n")
    with scripted(answers) as server:
        assert run(server, "groups", "--user", "alice", "--password-file", tmp_path / "password").exit_code == 0
    assert b"AUTHINFO SASL PLAIN AGFsaWNlAHNlY3JldA==" in server.asked
    assert b"MODE READER" not in server.asked


@pytest.mark.parametrize("place", ["", "a b", "http://x", "x:99999", "x:", "[::1", "news://", "x\r\ny"])
def test_what_is_no_server_is_refused(place: str) -> None:
    said = CliRunner().invoke(agora, ["news", "groups", place])
    assert (said.exit_code, "is no server" in said.stderr) == (2, True)
