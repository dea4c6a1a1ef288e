"""The commands about feeds, on a store of the test's own and with a web server on loopback."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from shared.command_line.root import agora
from shared.feeds.tests.feed_server import Served, a_feed_server
from shared.testing.reactor import running_reactor

Agora = Callable[..., Result]


@pytest.fixture
def run(database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Agora:
    """Calls `agora`, which finds the store by its settings; fails unless the exit status is as expected."""
    running_reactor()
    monkeypatch.setenv("AGORA_DATABASE_URL", database_url)
    monkeypatch.setenv("AGORA_REDIS_URL", redis_url)
    monkeypatch.setenv("AGORA_MAIL_DOMAIN", "example.org")
    monkeypatch.setenv("AGORA_FEEDS_PRIVATE", "true")

    def call(*arguments: str, input: str = "", status: int = 0) -> Result:
        result = CliRunner().invoke(agora, arguments, input=input, prog_name="agora")
        assert result.exit_code == status, result.output
        return result

    call("migrate")
    return call


@pytest.fixture
def server() -> Iterator[tuple[Served, str]]:
    with a_feed_server() as served:
        yield served


def _json(result: Result) -> Any:
    return json.loads(result.stdout)


def test_a_feed_has_a_room_that_is_called_after_its_title(run: Agora, server: tuple[Served, str]) -> None:
    served, url = server
    served.body = b"<rss version='2.0'><channel><title>Allotment News</title></channel></rss>"
    assert run("feed", "add", url).output == f"rss.allotment-news is filled from {url}, asked every 1 h.\n"
    [row] = _json(run("feed", "list", "--json"))
    assert (row["room"], row["url"], row["title"], row["error"]) == ("rss.allotment-news", url, "Allotment News", None)
    [room] = _json(run("room", "list", "--json"))
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
    added = _json(run("feed", "add", url, "--room", "rss.beans", "--json"))
    [changed] = _json(run("feed", "set", "rss.beans", "--every", "2h", "--json"))
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
    rows = _json(run("feed", "import", str(file), "--json"))
    assert [(row["room"], row["url"]) for row in rows] == [("rss.beans", url), (None, "ftp://x")]
    refused = run("feed", "import", "-", input="<html/>", status=1)
    assert refused.stderr.startswith("agora: this is not an OPML document")
