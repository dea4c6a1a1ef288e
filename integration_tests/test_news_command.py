"""`agora news`: groups are listed, articles fetched into an mbox, and posted."""

from __future__ import annotations

import mailbox
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from integration_tests.clients.newsgroup import Newsgroup, new_newsgroup
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack

pytestmark = pytest.mark.local_only  # the command runs on this machine, and writes a file here
SUBJECTS = ("one", "two", "three")
PARTING = b"From here on a line looks like a separator.\r\n>From here, too.\r\n"


@pytest.fixture
def group(stack: Stack) -> Newsgroup:
    made = new_newsgroup(stack)
    for subject in SUBJECTS:
        assert made.post(made.article(subject) + PARTING).startswith(b"240 ")
    return made


def fetched(file: Path) -> list[bytes]:
    """The articles in an mboxrd file, as they were before it."""
    with file.open("rb") as opened:
        text = opened.read()
    articles = []
    for each in _split(text):
        lines = [
            line[1:] if line.lstrip(b">").startswith(b"From ") and line.startswith(b">") else line for line in each
        ]
        articles.append(b"".join(line + b"\r\n" for line in lines))
    return articles


def _split(text: bytes) -> list[list[bytes]]:
    found: list[list[bytes]] = []
    for line in text.split(b"\n")[:-1]:
        if line.startswith(b"From "):
            found.append([])
        else:
            found[-1].append(line)
    return [lines[:-1] for lines in found]  # without the empty line behind each


def test_groups_are_sorted_one_a_line(stack: Stack, group: Newsgroup) -> None:
    host, port = stack.nntp
    for server in ([], [f"{host}:{port}"]):  # rooms of other tests come and go in between
        names = stack.agora("news", "groups", *server).stdout.splitlines()
        assert group.name in names
        assert names == sorted(names)


def test_articles_are_fetched_byte_for_byte(stack: Stack, group: Newsgroup, tmp_path: Path) -> None:
    file = tmp_path / "news"
    done = stack.agora("news", "get", group.name, str(file))
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines() == [f"Fetching article {number} of 3... OK" for number in (1, 2, 3)]
    assert fetched(file) == list(group.articles())
    assert [message["Subject"] for message in mailbox.mbox(file)] == list(SUBJECTS)


def test_a_file_that_is_there_is_not_lost(stack: Stack, group: Newsgroup, tmp_path: Path) -> None:
    file = tmp_path / "news"
    file.write_bytes(b"From old\nSubject: old\n\nold\n\n")
    done = stack.agora("news", "get", group.name, str(file))
    assert (done.returncode, "is there already" in done.stderr) == (1, True)
    assert stack.agora("news", "get", "--last", "1", "--append", group.name, str(file)).returncode == 0
    assert [message["Subject"] for message in mailbox.mbox(file)] == ["old", "three"]
    assert stack.agora("news", "get", "--last", "2", "--force", group.name, str(file)).returncode == 0
    assert [message["Subject"] for message in mailbox.mbox(file)] == ["two", "three"]


def test_articles_since_a_moment_go_to_the_standard_output(stack: Stack, group: Newsgroup) -> None:
    now = datetime.now(UTC)
    everything = stack.agora("news", "get", "--since", f"{now - timedelta(days=1):%Y-%m-%d}", group.name, "-")
    assert everything.stdout.count("\nSubject: ") == 3
    nothing = stack.agora("news", "get", "--since", f"{now + timedelta(days=1):%Y-%m-%d %H:%M}", group.name, "-")
    assert (nothing.returncode, nothing.stdout) == (0, "")


def test_a_group_that_does_not_exist_is_told_in_the_servers_words(stack: Stack) -> None:
    done = stack.agora("news", "get", "test.nothing", "-")
    assert (done.returncode, done.stderr) == (1, "agora: 411 no such group\n")


def test_a_whole_article_is_posted_and_its_identifier_printed(stack: Stack, group: Newsgroup) -> None:
    done = stack.agora("news", "post", group.name, input="From: ann@example.org\nSubject: piped\n\n.dots\n..\n.\nend\n")
    assert done.returncode == 0, done.stderr
    posted = group.articles()[-1]
    assert posted.endswith(b"\r\n\r\n.dots\r\n..\r\n.\r\nend\r\n")
    assert f"Message-ID: {done.stdout.strip()}\r\n".encode() in posted
    same = f"From: a@example.org\nSubject: x\nMessage-ID: {done.stdout}\nx\n"
    again = stack.agora("news", "post", group.name, input=same)
    assert (again.returncode, again.stderr.startswith("agora: 441 <")) == (1, True)


def test_a_member_posts_over_tls(stack: Stack, member: Member) -> None:
    group = new_newsgroup(stack, post="members")
    article = "From: ann@example.org\nSubject: x\n\nx\n"
    refused = stack.agora("news", "post", group.name, input=article)
    assert (refused.returncode, refused.stderr[:10]) == (1, "agora: 441")
    _, port = stack.nntps
    place = ("--host", f"localhost:{port}", "--tls", "--ca", str(stack.ca_file))
    done = stack.agora(
        "news",
        "post",
        *place,
        "--user",
        member.name,
        "--password-stdin",
        group.name,
        input=f"{member.password}\n{article}",
    )
    assert done.returncode == 0, done.stderr
    assert len(group.articles()) == 1
