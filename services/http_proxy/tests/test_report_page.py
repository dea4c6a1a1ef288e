"""The reports, as browsers and programs get them; who may is asked first."""

from __future__ import annotations

import csv
import io
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import date, timedelta
from email.message import Message
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin
from uuid import uuid4
from xml.etree import ElementTree

import pytest
from twisted.web.server import Request

from services.http_proxy.report_page import ReportPage
from services.http_proxy.report_site import report_site
from shared.access.words.add_words import add_words
from shared.access.words.pending import WordBatch
from shared.database.database import Database
from shared.database.limits import StoreLimits
from shared.database.transaction import Transaction
from shared.testing.reactor import running_reactor, wait_for
from shared.testing.serving import serving
from shared.testing.store_outage import StoreOutage

TODAY = date(2026, 11, 22)
YESTERDAY = TODAY - timedelta(days=1)
HOSTILE_HOST = '"><script>alert(1)</script>.example'
HOSTILE_WORD = "=cmd</table><b>"


@pytest.fixture
def filled(transaction: Transaction) -> Transaction:
    """Two accounts and nobody, on two days and one long ago."""
    ann, bob = (
        transaction.value("INSERT INTO account (name, role) VALUES (%s, 'member') RETURNING id", (name,))
        for name in ("ann", "bob<i>")
    )
    rows = [
        (TODAY, ann, "www.example.org", 200, 100, 5_000, 2_000_000),
        (YESTERDAY, ann, "www.example.org", 404, 3, 500, 900),
        (TODAY, bob, HOSTILE_HOST, 200, 5, 700, 70_000),
        (TODAY, 0, "open.example", 200, 1, 10, 20),
        (TODAY - timedelta(days=30), bob, "old.example", 200, 1, 10, 20),
    ]
    transaction.insert_many(
        "INSERT INTO usage (day, account_id, host, status, requests, octets_in, octets_out) VALUES %s", rows
    )
    transaction.insert_many(
        "INSERT INTO usage_of_account (day, account_id, requests, octets_in, octets_out) VALUES %s",
        [(day, account_id, *numbers) for day, account_id, _, _, *numbers in rows],
    )
    add_words(transaction, uuid4(), 1, WordBatch(TODAY, ann, {"tea": (9, 3), HOSTILE_WORD: (2, 1), "東京": (4, 2)}))
    add_words(transaction, uuid4(), 1, WordBatch(YESTERDAY, bob, {"tea": (1, 1), "milk": (8, 1)}))
    transaction.commit()
    return transaction


@pytest.fixture
def store(database_url: str) -> Iterator[Database]:
    async def start() -> Database:
        return Database(running_reactor(), database_url, StoreLimits(patience=timedelta(seconds=0.2)))

    made = wait_for(start)
    yield made
    wait_for(made.close)


@pytest.fixture
def url(store: Database) -> Iterator[str]:
    async def everybody(request: Request) -> None:
        """Who may read them is tested with the service as it runs."""

    site: Any = report_site(ReportPage(store, everybody, today=lambda: TODAY))
    with serving(site) as port:
        yield f"http://127.0.0.1:{port}/proxy/"


def get(url: str, path: str = "") -> tuple[int, str, Message]:
    try:
        with urllib.request.urlopen(urljoin(url, path), timeout=20) as response:
            return response.status, response.read().decode(), response.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), error.headers


class Cells(HTMLParser):
    """The text of each table row, and every tag that was seen."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: set[str] = set()
        self._in_cell = False
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: object) -> None:
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.rows[-1][-1] += data


def test_page_shows_usage_and_words(filled: Transaction, url: str) -> None:
    status, page, headers = get(url)
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    rows = Cells(page).rows
    assert ["ann", "103", "5.37 KiB", "1.91 MiB"] in rows
    assert ["(not signed in)", "1", "10 B", "20 B"] in rows
    assert ["www.example.org", "103", "5.37 KiB", "1.91 MiB"] in rows
    assert [HOSTILE_HOST, "5", "700 B", "68.4 KiB"] in rows
    assert ["404", "3", "500 B", "900 B"] in rows
    assert ["2026-11-21", "3", "500 B", "900 B"] in rows
    assert ["tea", "10", "4"] in rows
    assert ["東京", "4", "2"] in rows
    assert [HOSTILE_WORD, "2", "1"] in rows
    assert "old.example" not in page


def test_page_runs_nothing_and_loads_nothing(filled: Transaction, url: str) -> None:
    _, page, headers = get(url)
    assert Cells(page).tags.isdisjoint({"script", "i", "img", "link", "iframe"})
    assert " style=" not in page
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_charts_are_well_formed(filled: Transaction, url: str) -> None:
    _, page, _ = get(url)
    charts = page.split("<svg")[1:]
    assert len(charts) == 5
    for chart in charts:
        tree = ElementTree.fromstring("<svg" + chart.partition("</svg>")[0] + "</svg>")
        assert tree.attrib["aria-label"]
        widths = [float(bar.attrib["width"].rstrip("%")) for bar in tree.iter("{http://www.w3.org/2000/svg}rect")]
        assert widths
        assert max(widths) <= 100


def test_the_chart_of_answers_has_the_ten_codes_with_most_requests(transaction: Transaction, url: str) -> None:
    transaction.insert_many(
        "INSERT INTO usage (day, account_id, host, status, requests, octets_in, octets_out) VALUES %s",
        [(TODAY, 0, "open.example", 200 + number, 1 + number, 0, 0) for number in range(25)],
    )
    transaction.commit()
    chart = get(url)[1].partition('aria-label="Answers by requests"')[2].partition("</svg>")[0]
    tree = ElementTree.fromstring(f"<svg{chart}</svg>")
    shown = [title.text for title in tree.iter("title")]
    assert shown == [f"{200 + number}: {1 + number}" for number in range(24, 14, -1)]


def test_empty_store_has_a_page(url: str) -> None:
    status, page, _ = get(url)
    assert status == 200
    assert page.count("Nothing in these days.") == 4
    assert "No words were counted: no web page passed unencrypted." in page


def test_page_says_what_was_not_counted(filled: Transaction, url: str) -> None:
    filled.execute("INSERT INTO word_page VALUES (0, %s, 'other_charset', 2), (0, %s, 'counted', 1000)", (TODAY, TODAY))
    filled.commit()
    assert "Words of 1,000 pages were counted. Not counted: 2 pages in unknown charsets." in get(url)[1]
    assert json.loads(get(url, "words.json")[1])["pages"] == {"counted": 1000, "other_charset": 2}
    assert "broke" not in get(url, "?days=1")[1]


def test_question_narrows_the_report(filled: Transaction, url: str) -> None:
    _, page, _ = get(url, "?days=1&account=ANN&top=1")
    rows = Cells(page).rows
    assert ["ann", "100", "4.88 KiB", "1.91 MiB"] in rows
    assert ["tea", "9", "3"] in rows
    assert "milk" not in page
    assert "東京" not in page
    assert ["open.example", "1", "10 B", "20 B"] in Cells(get(url, "?account=(not+signed+in)")[1]).rows


@pytest.mark.parametrize("query", ["?days=0", "?days=401", "?days=x", "?top=-1", "?top=99999", "?days=%D9%A1"])
def test_wrong_number_is_named(url: str, query: str) -> None:
    status, text, headers = get(url, query)
    assert status == 400
    assert text.startswith(("days should be", "top should be"))
    assert headers["Content-Type"] == "text/plain; charset=utf-8"


def test_unknown_account_is_not_found(url: str) -> None:
    assert get(url, "words.csv?account=nobody")[0] == 404
    assert get(url, "?account=%00%FF")[0] == 404


def test_usage_as_json(filled: Transaction, url: str) -> None:
    _, text, headers = get(url, "usage.json?days=2&account=ann")
    told = json.loads(text)
    assert headers["Content-Type"] == "application/json"
    assert (told["since"], told["until"], told["account"]) == ("2026-11-21", "2026-11-22", "ann")
    assert told["usage"]["account"] == [{"account": "ann", "requests": 103, "octets_in": 5500, "octets_out": 2000900}]
    assert [line["status"] for line in told["usage"]["status"]] == ["200", "404"]


def test_words_as_json(filled: Transaction, url: str) -> None:
    words = json.loads(get(url, "words.json")[1])["words"]
    assert words[:2] == [{"word": "tea", "times": 10, "pages": 4}, {"word": "milk", "times": 8, "pages": 1}]


def test_reports_as_csv(filled: Transaction, url: str) -> None:
    _, text, headers = get(url, "words.csv")
    assert headers["Content-Type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[:2] == [["word", "times", "pages"], ["tea", "10", "4"]]
    assert ["'" + HOSTILE_WORD, "2", "1"] in rows  # no formula
    rows = list(csv.reader(io.StringIO(get(url, "usage.csv?by=account")[1])))
    assert rows[:2] == [["account", "requests", "octets_in", "octets_out"], ["ann", "103", "5500", "2000900"]]
    assert get(url, "usage.csv?by=shoe")[0] == 400


def test_folder_without_its_slash_leads_to_the_page(url: str) -> None:
    assert get(url.rstrip("/"))[1].startswith("<!DOCTYPE html>")
    assert get(url, "other")[0] == 404


def test_store_away_is_told(url: str, database_url: str, server_url: str) -> None:
    outage = StoreOutage(database_url, server_url)
    outage.begin()
    try:
        status, text, headers = get(url)
        assert (status, headers["Retry-After"]) == (503, "5")
        assert text == "The store is away, try again.\n"
    finally:
        outage.end()
