"""`agora news` reads from this gateway, and posts to it."""

from __future__ import annotations

import json
import mailbox
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.news_gateway.nntp.command_table import COMMANDS
from services.news_gateway.nntp.doors import LIMITS
from services.news_gateway.nntp.session import NntpSession
from services.news_gateway.nntp.tests.conftest import DOMAIN, HOSTNAME, NOW, News, an_article
from shared.command_line.root import agora
from shared.command_line.state_directory import ROOT
from shared.conversation.factory import ConversationFactory
from shared.database.database import Database
from shared.messages.mboxrd import as_mboxrd
from shared.rooms.posts.posting import Posting, ServerNames
from shared.rooms.room import Posters, Readers
from shared.testing.reactor import running_reactor, wait_for
from shared.testing.serving import serving

PASSWORD = "correct horse"
PATIENCE_SECONDS = 60


@dataclass
class Reader:
    """The command, about this gateway."""

    port: int
    place: str = "127.0.0.1"

    @property
    def host(self) -> str:
        return f"{self.place}:{self.port}"

    def run(self, *words: str | Path, input: str | bytes = "") -> Result:
        runner = CliRunner()
        return runner.invoke(agora, ["news", *map(str, words)], input=input)

    def groups(self, *words: str, input: str = "") -> Result:
        return self.run("groups", self.host, *words, input=input)

    def get(self, group: str, file: str | Path, *words: str, input: str = "") -> Result:
        return self.run("get", group, file, "--host", self.host, *words, input=input)

    def post(self, groups: str, *words: str, input: str | bytes) -> Result:
        return self.run("post", groups, "--host", self.host, *words, input=input)


@pytest.fixture
def reader(news: News) -> Reader:
    return Reader(news.port)


def in_file(file: Path) -> list[str]:
    """Message-IDs of an mbox, oldest first."""
    return [str(message["Message-ID"]) for message in mailbox.mbox(file, create=False)]


def test_groups_are_names_sorted_one_a_line(reader: Reader) -> None:
    found = reader.groups()
    assert (found.exit_code, found.stderr) == (0, "")
    assert found.stdout == "local.announce\nlocal.empty\nlocal.tea\nrss.planet\n"


def test_a_member_sees_the_groups_of_members(reader: Reader, tmp_path: Path) -> None:
    assert "local.members" in reader.groups("--user", "alice", "--password-stdin", input=PASSWORD + "\n").stdout
    (tmp_path / "password").write_text(PASSWORD + "\n")
    shown = json.loads(reader.groups("--user", "alice", "--password-file", str(tmp_path / "password"), "--json").stdout)
    assert {"name": "local.members", "first": 1, "last": 2, "posting": "y"} in shown


def test_a_wrong_password_is_refused_in_the_servers_words(reader: Reader) -> None:
    refused = reader.groups("--user", "alice", "--password-stdin", input="wrong\n")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == "agora: 481 these credentials are not valid\n"


def test_the_last_articles_are_fetched_with_progress_on_stderr(reader: Reader, news: News, tmp_path: Path) -> None:
    file = tmp_path / "tea"
    fetched = reader.get("local.tea", file, "--last", "3")
    assert (fetched.exit_code, fetched.stdout) == (0, "")
    assert fetched.stderr == "".join(f"Fetching article {number} of 3... OK\n" for number in (1, 2, 3))
    assert in_file(file) == ["<2@example.test>", "<4@example.test>", "<5@example.test>"]


def test_the_file_has_the_articles_octets_as_an_mboxrd(reader: Reader, news: News, tmp_path: Path) -> None:
    news.make("local.quotes")
    body = b"From here\r\n>From there\r\n.\r\n..dots\r\n\xff\r\n"
    news.put(an_article(77, group="local.quotes", body=body), rooms=("local.quotes",))
    assert reader.get("local.quotes", tmp_path / "quotes").exit_code == 0
    octets = (tmp_path / "quotes").read_bytes()
    assert octets.startswith(b"From alice@example.test Mon Jul  1 09:00:00 2024\n")
    assert octets.endswith(b"\n\n>From here\n>>From there\n.\n..dots\n\xff\n\n")


def test_the_standard_output_can_be_the_file(reader: Reader) -> None:
    fetched = reader.get("local.tea", "-", "--last", "1")
    assert (fetched.exit_code, fetched.stdout_bytes.count(b"Message-ID: <5@example.test>\n")) == (0, 1)


def test_an_article_that_fails_is_passed_over_in_the_servers_words(
    reader: Reader, news: News, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.command_line.news.get.last_articles", lambda *_: ["2", "3", "4"])  # 3 was cancelled
    fetched = reader.get("local.tea", tmp_path / "tea")
    assert fetched.exit_code == 1
    assert fetched.stderr.splitlines() == [
        "Fetching article 1 of 3... OK",
        "Fetching article 2 of 3... 423 no article with that number",
        "Fetching article 3 of 3... OK",
    ]
    assert in_file(tmp_path / "tea") == ["<2@example.test>", "<4@example.test>"]
    again = reader.get("local.tea", tmp_path / "tea", "--force", "--json")
    assert again.exit_code == 1
    assert json.loads(again.stdout)["failed"] == [{"article": "3", "reply": "423 no article with that number"}]


def test_a_file_that_is_there_is_refused_without_force_or_append(reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    file = tmp_path / "folder" / "tea"
    file.write_bytes(b"mine, without an end")
    refused = reader.get("local.tea", file, "--last", "1")
    assert (refused.exit_code, "is there already" in refused.stderr) == (1, True)
    assert file.read_bytes() == b"mine, without an end"
    assert reader.get("local.tea", file, "--last", "1", "--append").exit_code == 0
    assert file.read_bytes().startswith(b"mine, without an end\n\nFrom alice@example.test ")
    assert reader.get("local.tea", file, "--last", "2", "--force").exit_code == 0
    assert in_file(file) == ["<4@example.test>", "<5@example.test>"]
    assert list(file.parent.iterdir()) == [file]


def test_an_unknown_group_leaves_no_file_behind(reader: Reader, tmp_path: Path) -> None:
    refused = reader.get("local.nothing", tmp_path / "tea")
    assert (refused.exit_code, refused.stderr) == (1, "agora: 411 no such group\n")
    assert not (tmp_path / "tea").exists()
    assert reader.get("local.tea,local.empty", tmp_path / "tea").exit_code == 2
    assert reader.get("local.tea\r\nPOST", tmp_path / "tea").exit_code == 2


def test_an_empty_group_gives_an_empty_file(reader: Reader, tmp_path: Path) -> None:
    fetched = reader.get("local.empty", tmp_path / "none")
    assert (fetched.exit_code, fetched.stderr) == (0, "No articles.\n")
    assert (tmp_path / "none").read_bytes() == b""


def test_since_asks_for_what_came_since_then(reader: Reader, tmp_path: Path) -> None:
    assert reader.get("local.tea", tmp_path / "all", "--since", "2024-06-30T00:00:00Z").exit_code == 0
    assert len(in_file(tmp_path / "all")) == 4
    assert reader.get("local.tea", tmp_path / "last", "--since", "2024-06-30T00:00:00Z", "--last", "1").exit_code == 0
    assert len(in_file(tmp_path / "last")) == 1
    assert reader.get("local.tea", tmp_path / "none", "--since", "2199-01-01").stderr == "No articles.\n"
    assert reader.get("local.tea", tmp_path / "x", "--since", "teatime").exit_code == 2


def fetched_last(reader: Reader, group: str, file: Path) -> bytes:
    assert reader.get(group, file, "--last", "1", "--force").exit_code == 0
    return file.read_bytes()


def test_the_standard_input_is_the_whole_article(reader: Reader, tmp_path: Path) -> None:
    article = "From: Ann <ann@example.org>\nSubject: dots\n\nfirst\n.\n..\n.last\nFrom here\n"
    done = reader.post("local.tea", input=article)
    assert (done.exit_code, done.stderr) == (0, "")
    stored = fetched_last(reader, "local.tea", tmp_path / "tea")
    assert stored.endswith(b"\n\nfirst\n.\n..\n.last\n>From here\n\n")
    assert f"Message-ID: {done.stdout}".encode() in stored
    assert b"Newsgroups: local.tea\n" in stored


def test_an_article_keeps_the_message_id_that_it_has(reader: Reader) -> None:
    article = an_article(900)
    assert reader.post("local.tea", input=article).stdout == "<900@example.test>\n"
    again = reader.post("local.tea", input=article)
    assert (again.exit_code, again.stdout, again.stderr) == (1, "", "agora: 441 <900@example.test> has come before\n")


def test_an_article_for_other_groups_is_not_sent(reader: Reader) -> None:
    refused = reader.post("local.empty", input=an_article(901))
    assert (refused.exit_code, refused.stderr) == (
        1,
        "agora: the article's own Newsgroups has other groups: local.tea\n",
    )
    assert reader.post("local.tea", input="").stderr == "agora: the article is empty\n"


def test_one_article_goes_to_several_groups(reader: Reader, tmp_path: Path) -> None:
    done = reader.post("local.tea,local.empty", "--json", input="From: a@example.org\nSubject: both\n\nx\n")
    shown = json.loads(done.stdout)
    assert shown["groups"] == ["local.tea", "local.empty"]
    for group in shown["groups"]:
        assert shown["message_id"].encode() in fetched_last(reader, group, tmp_path / group)


def test_the_password_may_come_before_the_article(reader: Reader) -> None:
    article = f"{PASSWORD}\nFrom: alice@example.test\nSubject: ours\n\nx\n"
    assert reader.post("local.members", "--user", "alice", "--password-stdin", input=article).exit_code == 0


def test_a_stranger_is_told_how_to_sign_in(empty: News, tmp_path: Path) -> None:
    empty.make("local.members", reading=Readers.MEMBERS, posting=Posters.MEMBERS)
    refused = Reader(empty.port).get("local.members", tmp_path / "x")
    assert refused.stderr == "agora: 480 sign in first (--user NAME signs in)\n"
    refused = Reader(empty.port).post("local.members", input="From: a@b.example\nSubject: x\n\nx\n")
    assert (refused.exit_code, refused.stderr) == (
        1,
        "agora: 440 posting is not permitted before you sign in\n",
    )


def test_starttls_encrypts_and_its_certificate_is_verified(reader: Reader, news: News, tmp_path: Path) -> None:
    untrusted = reader.groups("--starttls")
    assert (untrusted.exit_code, "its certificate is not trusted" in untrusted.stderr) == (1, True)
    authority = str(tmp_path / "authority.pem")
    encrypted = reader.groups("--starttls", "--ca", authority, "--user", "alice", "--password-stdin", input=PASSWORD)
    assert (encrypted.exit_code, "local.members\n" in encrypted.stdout) == (0, True)


@contextmanager
def at_terminal(*words: str) -> Iterator[Callable[..., bytes]]:
    """The command on a terminal of its own. Gives `say(expected, typed)`, which returns all that was shown so far."""
    ours, theirs = os.openpty()
    name = os.ttyname(theirs)
    command = [sys.executable, "-m", "shared.command_line", "news", *words]
    # The shell opens the terminal, which makes it that of its session: the password is asked for there.
    shell = ["/bin/sh", "-c", 'exec "$@" < "$0"', name]
    process = subprocess.Popen(
        [*shell, *command], cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    shown = b""
    deadline = time.monotonic() + PATIENCE_SECONDS

    def say(expected: str, typed: str = "") -> bytes:
        nonlocal shown
        before = len(shown)
        while expected.encode() not in shown[before:] or not expected:
            ready, _, _ = select.select([ours], [], [], max(0, deadline - time.monotonic()))
            assert ready, shown
            try:
                read = os.read(ours, 65536)
            except OSError:  # EIO: it has ended
                read = b""
            if not read:
                assert not expected, shown
                break
            shown += read
        if typed:
            os.write(ours, typed.encode())
        return shown

    try:
        yield say
    finally:
        process.kill()
        process.wait()
        os.close(ours)


@pytest.fixture
def port_of_today(news: News, database: Database) -> Iterator[int]:
    """The door with a clock that goes: the command writes today's Date."""
    names = ServerNames(HOSTNAME, DOMAIN)
    posting = Posting(database, running_reactor(), news.parts.directory, names, lambda: datetime.now(UTC))
    parts = replace(news.parts, posting=posting, now=lambda: datetime.now(UTC))
    factory = ConversationFactory(
        lambda: NntpSession(parts, COMMANDS), name="nntp", clock=running_reactor(), limits=LIMITS
    )
    with serving(factory) as port:
        yield port
    wait_for(posting.close)


def test_on_a_terminal_it_asks_for_from_subject_and_text(port_of_today: int, reader: Reader, tmp_path: Path) -> None:
    with at_terminal("post", "local.members", "--host", f"localhost:{port_of_today}", "--user", "alice") as say:
        say("Password of alice: ", PASSWORD + "\n")
        say("From: [alice@localhost] ", "nobody\n")
        say("From: [alice@localhost] ", "\n")
        say("Subject: ", "Tee für zwei\n")
        say("ends it.", "At four?\n..\nÜber\n.\n")
        shown = say("")
    assert b"agora: " not in shown, shown
    message_id = shown.split()[-1]
    assert PASSWORD.encode() not in shown
    password = ("--user", "alice", "--password-stdin")
    assert reader.get("local.members", tmp_path / "x", "--last", "1", *password, input=PASSWORD).exit_code == 0
    (message,) = mailbox.mbox(tmp_path / "x")
    assert message["Message-ID"].encode() == message_id
    assert (message["From"], message["Newsgroups"]) == ("alice@localhost", "local.members")
    assert message["Subject"] == "Tee =?utf-8?q?f=C3=BCr?= zwei"
    assert message.get_payload(decode=True) == "At four?\n..\nÜber\n".encode()


def test_what_was_typed_is_kept_when_the_server_refuses_it(
    news: News, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with at_terminal("post", "local.announce", "--host", f"127.0.0.1:{news.port}") as say:
        say("From: ", "ann@example.org\n")
        say("Subject: ", "x\n")
        say("ends it.", "long thoughts\n.\n")
        shown = say("")
    assert b"agora: 441 " in shown
    (kept,) = tmp_path.glob("agora-article-*")
    assert kept.read_bytes().endswith(b"\n\nlong thoughts\n")


def test_a_group_that_is_not_there_is_told_before_anything_is_typed(news: News) -> None:
    with at_terminal("post", "local.nothing", "--host", f"127.0.0.1:{news.port}") as say:
        assert b"agora: 411 no such group" in say("")


def test_control_characters_of_an_article_do_not_reach_the_terminal(news: News) -> None:
    news.make("local.bells")
    news.put(an_article(88, group="local.bells", body=b"\x1b]0;x\x07\xc2\x9b1m\r\n"), rooms=("local.bells",))
    with at_terminal("get", "local.bells", "-", "--host", f"127.0.0.1:{news.port}") as say:
        shown = say("")
    assert b"\\x1b]0;x\\x07\\x9b1m" in shown
    assert b"\x1b" not in shown
    assert b"\xc2\x9b" not in shown


def test_no_password_goes_in_the_clear_to_another_host(
    news: News, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.command_line.news.client.connection.NewsConnection.stays_here", False)
    refused = reader.groups("--no-tls", "--user", "alice", "--password-stdin", input=PASSWORD)
    assert refused.exit_code == 1
    assert "the password would go in the clear" in refused.stderr
    assert "its certificate is not trusted" in reader.groups().stderr  # STARTTLS is offered, and so it is used


def test_the_tls_port_is_encrypted_from_the_start(news: News, tmp_path: Path) -> None:
    factory = ConversationFactory(
        lambda: NntpSession(news.parts, COMMANDS), name="nntps", clock=running_reactor(), limits=LIMITS
    )
    with serving(factory) as port:
        refused = CliRunner().invoke(agora, ["news", "groups", f"nntps://127.0.0.1:{port}"])
    assert "no TLS with 127.0.0.1" in refused.stderr  # this one speaks none


def test_an_mboxrd_has_a_sender_and_a_date_whatever_the_header_is() -> None:
    assert as_mboxrd(b"", NOW).startswith(b"From MAILER-DAEMON Mon Jul  1 10:00:00 2024\n")
    assert as_mboxrd(an_article(1), NOW).startswith(b"From alice@example.test Mon Jul  1 09:00:00 2024\n")
