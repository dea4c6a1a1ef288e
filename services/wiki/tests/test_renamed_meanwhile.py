"""A page is renamed while something of it is read by its name: the site says what was true at one moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from services.wiki.tests.overtaken import overtaken_answers
from services.wiki.tests.test_files import attach
from services.wiki.tests.web import Got, Web, basic
from shared.database.blocking import BlockingDatabase
from shared.wiki.page import Author
from shared.wiki.policy import WikiPolicy
from shared.wiki.rename_page import rename_page


@pytest.fixture
def overtaken_at_each(web: Web, database_url: str) -> Callable[[str], Sequence[Got]]:
    """What the site answers where TeaPage is renamed behind the first answer of the store, the second, and so on."""
    web.script().ask("PUT", "/TeaPage", b"one", Authorization=basic("alice"))
    web.script().ask("PUT", "/TeaPage", b"two", Authorization=basic("alice"))
    attach(web, "plan.txt", "text/plain", b"tea at four")
    store, alice = BlockingDatabase(database_url, "tests"), Author(web.accounts["alice"])

    def rename(name: str, new_name: str) -> None:
        store.transact(rename_page, name, new_name, alice, WikiPolicy())

    def ask(path: str) -> Sequence[Got]:
        answers: list[Got] = []
        for got in overtaken_answers(lambda: web.browser().get(path), lambda: rename("TeaPage", "GreenTea")):
            answers.append(got)
            rename("GreenTea", "TeaPage")
        return answers

    return ask


def test_a_page_that_is_renamed_while_its_history_is_read_is_not_said_to_be_deleted(
    overtaken_at_each: Callable[[str], Sequence[Got]],
) -> None:
    answers = overtaken_at_each("/history/TeaPage")
    assert 200 in [got.status for got in answers]
    assert not [got for got in answers if "The page was deleted." in got.text]


def test_a_page_that_is_renamed_while_its_files_are_read_is_shown_with_them_or_not_at_all(
    overtaken_at_each: Callable[[str], Sequence[Got]],
) -> None:
    answers = overtaken_at_each("/attachments/TeaPage")
    assert 200 in [got.status for got in answers]
    assert not [got for got in answers if got.status == 200 and "plan.txt" not in got.text]


def test_a_page_that_is_renamed_while_it_is_compared_is_there_or_led_to(
    overtaken_at_each: Callable[[str], Sequence[Got]],
) -> None:
    assert {got.status for got in overtaken_at_each("/diff/TeaPage")} <= {200, 301}
