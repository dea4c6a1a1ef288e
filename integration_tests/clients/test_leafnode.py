"""leafnode keeps a few groups for one household: fetchnews asks us for what is new, and brings what was written."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable

import pytest

from integration_tests.clients.documented import documented
from integration_tests.clients.newsgroup import new_newsgroup
from integration_tests.clients.own_etc import with_own_etc
from integration_tests.clients.program import Program
from integration_tests.stack.stack import Stack

SPOOL = ("interesting.groups", "leaf.node", "message.id", "out.going", "failed.postings", "temp.files")
Run = Callable[..., bytes]


@pytest.fixture
def leafnode(program: Callable[[str], Program], stack: Stack) -> Run:
    """Runs one of leafnode's programs over a spool that is empty at first; gives what it wrote."""
    here = {"127.0.0.1": stack.nntp[0], "2119": stack.nntp[1], "reader.example.org": "reader.home.arpa"}
    programs = {name: program(name) for name in ("fetchnews", "leafnode")}
    placed = with_own_etc(programs, {"news/leafnode/config": documented("leafnode", here)})
    home = programs["leafnode"].home
    for name in SPOOL:
        (home / "spool/news" / name).mkdir(parents=True)
    for folder in (home, *home.rglob("*")):
        shutil.chown(folder, "news", "news")
    return lambda name, *arguments, input=b"": placed[name].succeed(*arguments, input=input)


def say(leafnode: Run, *commands: bytes) -> bytes:
    """A conversation with the household's own server."""
    return leafnode("leafnode", input=b"".join(each + b"\r\n" for each in (*commands, b"QUIT")))


def test_articles_are_fetched_once_and_written_ones_are_posted(leafnode: Run, stack: Stack) -> None:
    group = new_newsgroup(stack)
    name = group.name.encode()
    leafnode("fetchnews", "-w")  # the list of groups
    assert b"\r\n211 " in say(leafnode, b"GROUP " + name, b"ARTICLE 1")  # and now one of them is wanted
    for subjects in (["one", "two"], ["three"], []):
        for subject in subjects:
            assert group.post(group.article(subject)).startswith(b"240 ")
        leafnode("fetchnews", "-w")
    told = re.search(rb"\r\n211 (\d+) (\d+) (\d+) ", say(leafnode, b"GROUP " + name))
    assert told is not None
    count, first, last = map(int, told.groups())
    assert (count, last - first) == (3, 2)
    numbers = [b"ARTICLE %d" % number for number in range(first, last + 1)]
    fetched = say(leafnode, b"GROUP " + name, *numbers)
    for octets in group.articles():
        header, _, body = octets.partition(b"\r\n\r\n")
        assert b"\r\n\r\n" + body.replace(b"\r\n.", b"\r\n..") + b".\r\n" in fetched
        assert all(line in fetched for line in header.split(b"\r\n") if not line.startswith(b"Path: "))
    # It makes the Message-ID itself: example.org is refused.
    written = re.sub(rb"Message-ID: [^\r]+\r\n", b"", group.article("four")).rstrip(b"\r\n")
    assert b"\r\n240 " in say(leafnode, b"POST", written.replace(b"\r\n.", b"\r\n.."), b".")
    leafnode("fetchnews", "-w")
    posted = group.articles()[-1]
    assert len(group.articles()) == 4
    assert posted.endswith(written.partition(b"\r\n\r\n")[2] + b"\r\n")
