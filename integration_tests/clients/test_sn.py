"""sn keeps a spool of its own of the groups that it fetches: snget asks us for what is new, by XOVER and ARTICLE."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from integration_tests.clients.newsgroup import new_newsgroup
from integration_tests.clients.program import Finished, Program
from integration_tests.stack.stack import Stack


@pytest.fixture
def sn(program: Callable[[str], Program]) -> Program:
    """A shell, in a home with an empty spool."""
    for name in ("snget", "snnewgroup", "sncat"):
        program(name)
    shell = program("sh")
    (shell.home / "spool").mkdir()
    return shell


def run(sn: Program, *command: str) -> Finished:
    """A program of sn's, for the spool in the home."""
    return sn.run("-c", 'SNROOT="$HOME/spool" exec "$0" "$@"', *command)


def identifiers(octets: bytes) -> list[bytes]:
    """The Message-IDs in the order of the articles."""
    return re.findall(rb"^Message-ID: (<[^>]+>)", octets, re.MULTILINE)


def test_snget_fetches_each_article_once(sn: Program, stack: Stack) -> None:
    group = new_newsgroup(stack)
    host, port = stack.nntp
    made = run(sn, "snnewgroup", group.name, host, str(port))
    assert made.status == 0, made.text
    for subjects in (["one", "two"], ["three"], []):
        for subject in subjects:
            assert group.post(group.article(subject)).startswith(b"240 ")
        fetched = run(sn, "snget", group.name)
        assert fetched.status == 0, fetched.text
    spooled = run(sn, "sncat", f"{group.name}:1-").output.replace(b"\r\n", b"\n")  # in sn's own numbers, dots doubled
    articles = group.articles()
    assert identifiers(spooled) == [each for octets in articles for each in identifiers(octets)]
    for octets in articles:
        body = octets.replace(b"\r\n", b"\n").partition(b"\n\n")[2]
        assert body.replace(b"\n.", b"\n..") in spooled
