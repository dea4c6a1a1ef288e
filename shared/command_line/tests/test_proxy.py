"""The commands about the proxy, on a store of the test's own."""

from __future__ import annotations

import csv
import io
import json
import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from shared.clock import utc_day
from shared.command_line.root import agora
from shared.command_line.state_directory import ProcessRecord, StackRecord, StateDirectory
from shared.database.transaction import Transaction
from shared.testing.reactor import running_reactor

Agora = Callable[..., Result]


@pytest.fixture
def run(database_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Agora:
    """Calls `agora proxy`, which finds the store by its settings; fails unless the exit status is as expected."""
    running_reactor()
    monkeypatch.setenv("AGORA_DATABASE_URL", database_url)
    monkeypatch.setenv("AGORA_REDIS_URL", redis_url)
    monkeypatch.setenv("AGORA_STATE", str(tmp_path))
    monkeypatch.setenv("AGORA_MAIL_DOMAIN", "example.org")

    def call(*arguments: str, input: str = "", status: int = 0, noun: str = "proxy") -> Result:
        result = CliRunner().invoke(agora, [noun, *arguments], input=input, prog_name="agora")
        assert result.exit_code == status, result.output
        return result

    return call


@pytest.fixture
def alice(run: Agora) -> str:
    run("add", "alice", "--generate-password", noun="user")
    return "alice"


def _json(result: Result) -> Any:
    return json.loads(result.stdout)


def test_rules_are_made_shown_and_taken_back(run: Agora, alice: str) -> None:
    assert run("rules", "list").output == "No rules made by hand.\n"
    run("rules", "block", "*.Example.ORG")
    run("rules", "allow", "example.org", "--account", "alice")
    run("rules", "block", "192.0.2.7")
    assert _json(run("rules", "list", "--json"))["rules"] == [
        {"rule": "block", "what": "192.0.2.7/32", "account": None},
        {"rule": "block", "what": "example.org", "account": None},
        {"rule": "allow", "what": "example.org", "account": "alice"},
    ]
    run("rules", "remove", "example.org", "--account", "alice")
    assert "no rule about example.org" in run("rules", "remove", "example.org", "--account", "alice", status=1).output
    assert "alice" not in run("rules", "list").output


def test_what_is_no_rule_is_told_in_one_sentence(run: Agora) -> None:
    assert "is not a domain" in run("rules", "block", "exa mple", status=1).output
    assert "no account called bob" in run("rules", "block", "a.example", "--account", "bob", status=1).output
    assert "say what to remove" in run("rules", "remove", status=2).output
    assert "no imported list called ads" in run("rules", "remove", "--list", "ads", status=1).output


def test_a_list_is_imported_in_place_of_the_one_before(run: Agora, tmp_path: Path) -> None:
    hosts = tmp_path / "ads.txt"
    hosts.write_text("# a hosts file\n0.0.0.0 ads.example tracker.example\n127.0.0.1 localhost\n?\n")
    shown = run("rules", "import", str(hosts)).output
    assert "2 rules of the list ads.txt: block" in shown
    assert "line 4 is no rule: '?'" in shown
    listed = _json(run("rules", "list", "--json"))
    assert listed == {"rules": [], "lists": [{"list": "ads.txt", "rule": "block", "rules": 2, "account": None}]}
    made = _json(run("rules", "import", "-", "--list", "ads.txt", "--json", input="new.example\nnew.example\n"))
    assert made == {"list": "ads.txt", "rule": "block", "rules": 1, "unread": 0}
    inside = _json(run("rules", "list", "--list", "ads.txt", "--json"))["rules"]
    assert [line["what"] for line in inside] == ["new.example"]
    assert "ads.txt" in run("rules", "list").output
    run("rules", "remove", "--list", "ads.txt")
    assert _json(run("rules", "list", "--json"))["lists"] == []


def test_an_empty_list_replaces_nothing(run: Agora) -> None:
    run("rules", "import", "-", "--list", "ads", input="a.example\n")
    assert "nothing is changed" in run("rules", "import", "-", "--list", "ads", input="<html>\n", status=1).output
    assert _json(run("rules", "list", "--json"))["lists"][0]["rules"] == 1


def test_the_mode_is_chosen(run: Agora) -> None:
    run("rules", "mode", "listed")
    assert _json(run("status", "--json"))["mode"] == "listed"
    run("rules", "mode", "open")
    assert _json(run("status", "--json"))["mode"] == "open"


def test_limits_are_set_shown_and_taken_back(run: Agora, alice: str) -> None:
    run("limits", "set", "--everybody", "--rate", "5", "--volume", "1GiB")
    run("limits", "set", "alice", "--volume", "none", "--connections", "20", "--no-words")
    everybody, hers = _json(run("limits", "list", "--json"))
    assert everybody == {
        "account": None,
        "requests_per_second": 5.0,
        "burst": None,
        "octets_per_day": 1 << 30,
        "connections": None,
        "counts_words": True,
    }
    assert hers == {**everybody, "account": "alice", "octets_per_day": None, "connections": 20, "counts_words": False}
    shown = run("limits", "list").output
    assert "everybody" in shown
    assert "1 GiB" in shown
    run("limits", "clear", "alice")
    run("limits", "clear", "--everybody")
    assert [line["requests_per_second"] for line in _json(run("limits", "list", "--json"))] == [None]
    assert "no limits to remove" in run("limits", "clear", "alice", status=1).output


@pytest.mark.parametrize(
    "arguments",
    [
        ("alice",),
        ("--rate", "5"),
        ("alice", "--everybody", "--rate", "5"),
        ("alice", "--rate", "0"),
        ("alice", "--rate", "inf"),
        ("alice", "--rate", "nan"),
        ("alice", "--burst", "1.5"),
        ("alice", "--connections", "-1"),
        ("alice", "--connections", "4294967296"),
        ("alice", "--volume", "much"),
        ("alice", "--volume", "0"),
        ("alice", "--volume", "0MiB"),
        ("alice", "--volume", "8388608TiB"),
    ],
)
def test_what_is_no_limit_is_refused(run: Agora, alice: str, arguments: tuple[str, ...]) -> None:
    run("limits", "set", *arguments, status=2)
    assert len(_json(run("limits", "list", "--json"))) == 1


def test_no_octets_at_all_are_a_rule_and_no_limit(run: Agora, alice: str) -> None:
    told = " ".join(run("limits", "set", "alice", "--volume", "0", status=2).output.split())
    assert "0 octets a day would let nothing through" in told
    assert "rules block '*' --account NAME" in told


def test_answers_say_what_was_kept_and_what_was_there_before(run: Agora) -> None:
    assert run("rules", "block", "192.0.2.1/24").output == (
        "192.0.2.0/24 is blocked for everybody; there was no rule about it.\n"
    )
    run("rules", "import", "-", "--list", "ads", input="example.org\nexample.net\n")
    run("rules", "block", "*.Example.ORG")
    assert run("rules", "allow", ".example.org").output == (
        "example.org is allowed for everybody; it was blocked, and blocked by the list ads.\n"
    )
    assert run("rules", "remove", "EXAMPLE.org").output == (
        "There is no rule about example.org for everybody any more; it was allowed, and blocked by the list ads.\n"
    )
    assert run("rules", "import", "-", "--list", "ads", "--allow", input="example.org\n").output == (
        "1 rule of the list ads: allow for everybody.\n  in place of 1 rule: block for everybody\n"
    )
    assert run("rules", "remove", "--list", "ads").output == "The list ads is removed; it had 1 rule.\n"
    assert "(listed; before: open)" in run("rules", "mode", "listed").output


def test_limits_are_changed_from_something_to_something(run: Agora, alice: str) -> None:
    assert run("limits", "set", "alice", "--rate", "5", "--volume", "1GiB").output.splitlines() == [
        "The limits of alice:",
        "  requests per second: 5 (before: no limit)",
        "  burst: 10 (before: no limit)",
        "  octets per day: 1 GiB (before: no limit)",
    ]
    assert run("limits", "clear", "alice").output.splitlines()[1:] == [
        "  requests per second: no limit (before: 5)",
        "  burst: no limit (before: 10)",
        "  octets per day: no limit (before: 1 GiB)",
    ]
    assert "A burst counts together with a rate only" in run("limits", "set", "--everybody", "--burst", "3").output


def test_the_burst_that_a_rate_brings_is_listed(run: Agora, alice: str) -> None:
    run("limits", "set", "--everybody", "--rate", "5")
    run("limits", "set", "alice", "--burst", "7")
    _, everybody, hers = (line.split() for line in run("limits", "list").output.splitlines())
    assert everybody[:3] == ["everybody", "5", "10"]
    assert hers[:3] == ["alice", "5", "7"]


def test_what_the_networks_refuse_is_not_called_allowed_only(run: Agora, monkeypatch: pytest.MonkeyPatch) -> None:
    told = run("rules", "allow", "10.0.0.5").output
    assert told.startswith("10.0.0.5/32 is allowed for everybody")
    assert "AGORA_HTTP_PROXY_ALLOWED_NETWORKS" in told
    assert "AGORA_HTTP" not in run("rules", "allow", "example.org").output
    assert "AGORA_HTTP" not in run("rules", "block", "10.0.0.5").output
    listed = run("rules", "import", "-", "--list", "inside", "--allow", input="10.1.0.0/16\nexample.org\n").output
    assert "  1 rule: The proxy refuses such an address all the same" in listed
    monkeypatch.setenv("AGORA_HTTP_PROXY_ALLOWED_NETWORKS", "10.0.0.0/8")
    assert "AGORA_HTTP" not in run("rules", "allow", "10.0.0.5").output


@pytest.fixture
def used(run: Agora, alice: str, transaction: Transaction) -> None:
    """Something was used and read today."""
    number = transaction.value("SELECT id FROM account WHERE name = 'alice'")
    for host, status, octets in (("=1+1.example", 200, 2048), ("example.org", 404, 1)):
        transaction.execute(
            "INSERT INTO usage VALUES (%s, %s, %s, %s, 1, 1, %s)", (utc_day(), number, host, status, octets)
        )
    transaction.execute("INSERT INTO usage_of_account VALUES (%s, %s, 2, 2, 2049)", (utc_day(), number))
    transaction.execute(
        "INSERT INTO word (day, account_id, word, times, documents) VALUES (%s, %s, 'tea', 3, 2), (%s, 0, 'tea', 1, 1)",
        (utc_day(), number, utc_day()),
    )
    transaction.commit()


def test_usage_is_reported_by_anything(run: Agora, used: None) -> None:
    line = {"requests": 2, "octets_in": 2, "octets_out": 2049}
    assert _json(run("report", "usage", "--json")) == [{"account": "alice", **line}]
    assert _json(run("report", "usage", "--by", "day", "--json")) == [{"day": utc_day().isoformat(), **line}]
    assert [row["status"] for row in _json(run("report", "usage", "--by", "status", "--json"))] == ["200", "404"]
    assert [row["host"] for row in _json(run("report", "usage", "--by", "host", "--top", "1", "--json"))] == [
        "=1+1.example"
    ]


def test_usage_is_shown_from_the_members_point_of_view(run: Agora, used: None) -> None:
    heading, line = run("report", "usage", "--account", "alice").output.splitlines()
    assert heading.split() == ["account", "requests", "sent", "received"]
    assert line.split() == ["alice", "2", "2", "B", "2", "KiB"]


def test_usage_leaves_as_csv_without_formulas(run: Agora, used: None) -> None:
    rows = list(csv.reader(io.StringIO(run("report", "usage", "--by", "host", "--csv").output, newline="")))
    assert rows == [
        ["host", "requests", "octets_in", "octets_out"],
        ["'=1+1.example", "1", "1", "2048"],
        ["example.org", "1", "1", "1"],
    ]
    run("report", "usage", "--csv", "--json", status=2)


def test_words_are_reported(run: Agora, used: None) -> None:
    assert _json(run("report", "words", "--json")) == [{"word": "tea", "times": 4, "pages": 3}]
    assert _json(run("report", "words", "--account", "alice", "--json")) == [{"word": "tea", "times": 3, "pages": 2}]
    assert run("report", "words", "--csv").output.splitlines() == ["word,times,pages", "tea,4,3"]


def test_the_report_of_words_says_which_pages_it_is_not_about(run: Agora, transaction: Transaction) -> None:
    assert run("report", "words").output == "No words were counted: no web page passed unencrypted.\n"
    transaction.execute("INSERT INTO word_page VALUES (0, %s, 'other_coding', 3)", (utc_day(),))
    transaction.execute("INSERT INTO word_page VALUES (0, %s, 'incomplete', 1)", (utc_day(),))
    transaction.commit()
    assert run("report", "words").output == (
        "No words were counted: 3 pages in unknown codings, 1 page that broke off.\n"
    )
    assert run("report", "words", "--json").output == "[]\n"


def test_a_report_without_anything_says_so(run: Agora) -> None:
    assert run("report", "usage").output == "Nothing passed in that time.\n"
    assert "no account called bob" in run("report", "words", "--account", "bob", status=1).output


def test_the_status_sums_up(run: Agora, used: None) -> None:
    run("rules", "block", "example.org")
    run("rules", "import", "-", "--list", "ads", input="a.example\nb.example\n")
    status = _json(run("status", "--json"))
    assert (status["rules"], status["listed_rules"], status["lists"]) == (1, 2, 1)
    assert (status["accounts"], status["requests"], status["octets_out"]) == (1, 2, 2049)
    assert status["doors"] == []
    shown = run("status").output
    assert "no stack of this machine is running" in shown
    assert "1 made by hand, 2 in 1 imported list." in shown
    assert "Today: 2 requests by 1 account, 2 B sent, 2 KiB received." in shown


class Ready(BaseHTTPRequestHandler):
    """A health port that says that all is well but Redis."""

    def do_GET(self) -> None:
        page = json.dumps({"ready": True, "bus": {"state": "degraded", "reason": "Redis is away"}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *arguments: object) -> None:
        """Not into the tests' output."""


@pytest.fixture
def health_port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Ready)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_status_says_where_the_doors_are_and_how_it_is(run: Agora, tmp_path: Path, health_port: int) -> None:
    directory = StateDirectory(tmp_path)
    directory.prepare()
    process = ProcessRecord(os.getpid(), None, "now", 0)

    def record(processes: dict[str, ProcessRecord], health: dict[str, int]) -> StackRecord:
        ports = {"smtp": 2025, "http_proxy": 3128}
        return StackRecord(os.getpid(), "ready", "now", ports, health, {}, processes)

    with directory.held():
        directory.write_record(record({"http_proxy": process}, {"http_proxy": health_port}))
        status = _json(run("status", "--json"))
        assert status["doors"] == [{"door": "HTTP proxy", "where": "127.0.0.1:3128"}]
        assert status["condition"] == "ready (bus degraded: Redis is away)"
        directory.write_record(record({"http_proxy": process}, {"http_proxy": 1}))
        assert "not ready (no answer on its health port 1" in run("status").output
        directory.write_record(record({}, {}))
        assert run("status").output.startswith("The proxy is down.\n  HTTP proxy: 127.0.0.1:3128\n")
