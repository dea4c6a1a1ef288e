"""newsboat follows the weblog and a room, by Atom and by RSS."""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
from collections.abc import Callable
from urllib.parse import quote

import pytest
import requests

from integration_tests.clients.newsgroup import new_newsgroup
from integration_tests.clients.program import Program
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack


@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_what_is_written_is_read(program: Callable[[str], Program], stack: Stack, member: Member, kind: str) -> None:
    newsboat = program("newsboat")
    host, port = stack.web
    home = f"http://{host}:{port}"
    title = f"Beans & <peas> {secrets.token_hex(4)}"
    posted = requests.post(
        f"{home}/blog/save", {"title": title, "body": "*text*"}, auth=(member.name, member.password), timeout=20
    )
    assert posted.ok
    group = new_newsgroup(stack)
    assert group.post(group.article("a subject")).startswith(b"240 ")
    urls = newsboat.write("urls", f"{home}/blog/{kind}\n{home}/rooms/{quote(group.name)}/{kind}\n")
    config = newsboat.write("config", "")
    cache = newsboat.home / "cache.db"
    newsboat.succeed("-u", urls, "-C", config, "-c", cache, "-x", "reload")
    with contextlib.closing(sqlite3.connect(cache)) as database:
        items = database.execute("SELECT title, author, url FROM rss_item").fetchall()
    titles = {each[0] for each in items}
    assert {title, "a subject"} <= titles
    assert all(url.startswith(home) and author for _, author, url in items)
