"""slrn reads and posts at a terminal; slrnpull fetches what is new."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from integration_tests.clients.documented import documented
from integration_tests.clients.newsgroup import Newsgroup, new_newsgroup
from integration_tests.clients.program import Program
from integration_tests.clients.terminal import Terminal, at_terminal
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack

EDITOR = "#!/bin/sh\nprintf 'Written by an editor.\\n.\\n..dots\\n' >> $1\n"
SETTINGS = """
set confirm_actions 0
set editor_command "./editor %s"
"""


@pytest.fixture
def group(stack: Stack) -> Newsgroup:
    return new_newsgroup(stack)


@pytest.fixture
def slrn(program: Callable[[str], Program], member: Member) -> Program:
    found = program("slrn")
    settings = documented("slrn", {"alice": member.name, "secret": member.password})
    over_tls = f'nnrpaccess "{over_tls_from(member.stack)}" "{member.name}" "{member.password}"\n'
    found.write(".slrnrc", settings + over_tls + SETTINGS)
    found.write("editor", EDITOR).chmod(0o755)
    return found


def over_tls_from(stack: Stack) -> str:
    return f"snews://127.0.0.1:{stack.nntps[1]}"


def start(slrn: Program, group: Newsgroup, tls: bool) -> tuple[str, ...]:
    slrn.write(".newsrc", f"{group.name}:\n")
    if tls:
        return ("-h", over_tls_from(group.stack), "-f", ".newsrc")
    host, port = group.stack.nntp
    return ("-h", host, "-p", str(port), "-f", ".newsrc")


def leave(terminal: Terminal) -> None:
    terminal.press("q")
    assert terminal.wait_for_end() == 0, terminal.drawn


def test_articles_are_read_and_remembered(slrn: Program, group: Newsgroup) -> None:
    for subject in ("Earl Grey", "Darjeeling"):
        assert group.post(group.article(subject)).startswith(b"240 ")
    over_tls = group.stack.kind != "local"  # outside this host nobody signs in without it, and slrn wants to
    with at_terminal(slrn, *start(slrn, group, tls=over_tls)) as terminal:
        terminal.wait_for(group.name)
        terminal.press("\r")
        terminal.wait_for("Darjeeling")
        terminal.press("\r")
        terminal.wait_for("About ")
        terminal.press("q")
        leave(terminal)
    assert f"{group.name}: " in (slrn.home / ".newsrc").read_text()


@pytest.mark.parametrize("tls", [False, True], ids=["in the clear", "TLS"])
def test_a_member_posts(slrn: Program, stack: Stack, group: Newsgroup, tls: bool) -> None:
    if stack.kind != "local" and not tls:
        pytest.skip("outside this host nobody signs in without TLS")
    assert group.post(group.article("before")).startswith(b"240 ")  # slrn shows groups that have something unread
    group.let(read="members", post="members")
    with at_terminal(slrn, *start(slrn, group, tls)) as terminal:
        terminal.wait_for(group.name)
        terminal.press("P")
        terminal.wait_for("Newsgroup:")
        terminal.press("\r")
        terminal.wait_for("Subject:")
        terminal.press("by slrn\r")
        terminal.wait_for("message?")
        terminal.press("Y")
        terminal.wait_for("done")
        leave(terminal)
    group.let(read="everyone", post="members")
    _, posted = group.articles()
    assert b"\r\nSubject: by slrn\r\n" in posted
    assert posted.endswith(b"Written by an editor.\r\n.\r\n..dots\r\n")


def test_slrnpull_fetches_each_article_once(program: Callable[[str], Program], group: Newsgroup) -> None:
    slrnpull = program("slrnpull")
    slrnpull.write("slrnpull.conf", documented("slrnpull", {"agora.general": group.name}))
    arguments = ("-d", slrnpull.home, "-h", ":".join(map(str, group.stack.nntp)))
    for subjects in (["one", "two"], ["three"]):
        for subject in subjects:
            assert group.post(group.article(subject)).startswith(b"240 ")
        slrnpull.succeed(*arguments)
    folder = slrnpull.home.joinpath("news", *group.name.split("."))
    fetched = [(folder / str(number)).read_bytes() for number in (1, 2, 3)]
    assert fetched == [octets.replace(b"\r\n", b"\n") for octets in group.articles()]
