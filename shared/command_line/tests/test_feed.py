"""The commands about feeds, on a store of the test's own and with a web server on loopback."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.command_line.tests.conftest import Agora, read_json
from shared.feeds.tests.feed_server import Served, a_feed_server


@pytest.fixture(autouse=True)
def feeds_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The feeds of these tests are served here."""
    monkeypatch.setenv("AGORA_FEEDS_PRIVATE", "true")


@pytest.fixture
def server() -> Iterator[tuple[Served, str]]:
    with a_feed_server() as served:
        yield served


def test_a_feed_has_a_room_that_is_called_after_its_title(run: Agora, server: tuple[Served, str]) -> None:
    served, url = server
    served.body = b"<rss version='2.0'><channel><title>Allotment News</title></channel></rss>"
    assert run("feed", "add", url).output == f"rss.allotment-news is filled from {url}, asked every 1 h.\n"
    [row] = read_json(run("feed", "list", "--json"))
    assert (row["room"], row["url"], row["title"], row["error"]) == ("rss.allotment-news", url, "Allotment News", None)
    [room] = read_json(run("room", "list", "--json"))
    assert (room["name"], room["fed"], room["post"]) == ("rss.allotment-news", True, "nobody")


def test_a_feed_that_does_not_answer_is_called_after_its_host(run: Agora, server: tuple[Served, str]) -> None:
    served, url = server
    served.status = 500
    assert run("feed", "add", url, "--every", "30m").output.startswith("rss.127-0-0-1 is filled from ")
    refused = run("feed", "add", url, "--room", "rss.127-0-0-1", status=1)
    assert refused.stderr == f"agora: the room is filled from {url} already\n"
    refused = run("feed", "add", "ftp://example.org/", status=1)
    assert refused.stderr.startswith("agora: this is no feed's address")


def test_a_feed_that_takes_too_much_to_read_is_called_after_its_host(run: Agora, server: tuple[Served, str]) -> None:
    served, url = server
    served.body = b"<rss version='2.0'><channel><title>T</title><item>" + b"<a>" * 1_500_000  # half a minute and more
    begun = time.monotonic()
    assert run("feed", "add", url).output.startswith("rss.127-0-0-1 is filled from ")
    assert time.monotonic() - begun < 30


def test_a_feed_is_changed_and_removed_by_its_room_its_address_or_its_number(
    run: Agora, server: tuple[Served, str]
) -> None:
    _, url = server
    added = read_json(run("feed", "add", url, "--room", "rss.beans", "--json"))
    [changed] = read_json(run("feed", "set", "rss.beans", "--every", "2h", "--json"))
    assert changed["every"] == "2 h"
    assert "1 feed will be asked now" in run("feed", "refresh", url).output
    assert "rss.beans keeps its articles" in run("feed", "remove", str(added["id"])).output
    assert run("feed", "list").output == "No feeds.\n"
    assert run("feed", "refresh", "rss.beans", status=1).stderr == "agora: there is no feed rss.beans\n"


def test_feeds_are_exported_and_imported_again(run: Agora, server: tuple[Served, str], tmp_path: Path) -> None:
    _, url = server
    run("feed", "add", url, "--room", "rss.beans")
    exported = run("feed", "export").stdout
    run("feed", "remove", url)
    file = tmp_path / "feeds.opml"
    file.write_text(exported.replace("</body>", '<outline text="Bad" xmlUrl="ftp://x"/></body>'))
    rows = read_json(run("feed", "import", str(file), "--json"))
    assert [(row["room"], row["url"]) for row in rows] == [("rss.beans", url), (None, "ftp://x")]
    refused = run("feed", "import", "-", input="<html/>", status=1)
    assert refused.stderr.startswith("agora: this is not an OPML document")
