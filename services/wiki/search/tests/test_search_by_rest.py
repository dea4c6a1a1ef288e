"""Searching by REST finds what the search page finds, with the same rights."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.wiki.search.tests.test_search import MEMBERS, filled
from services.wiki.tests.overtaken import overtaken_answers
from services.wiki.tests.web import Web, basic
from shared.rooms.search.index_articles import index_articles
from shared.rooms.tests.build import a_post, an_article, an_open_room, posted, uids


def search(web: Web, query: str, who: str = "alice", status: int = 200) -> Any:
    got = web.script().get(f"/api/v1/search?{query}", Authorization=basic(who) if who else "")
    assert got.status == status, got
    return json.loads(got.body)


def numbers(found: Any) -> list[tuple[str, int]]:
    return [(each["room"], each["number"]) for each in found["messages"]]


def test_pages_messages_and_posts_are_found_each_only_by_who_may_read_it(web: Web) -> None:
    filled(web)
    alice = web.browser("alice")
    form = {"title": "A summer", "body": "Water for *marrows*.", "csrf": alice.csrf()}
    assert alice.post("/blog/save", form).status == 303
    found = search(web, "q=marrows")
    assert [each["name"] for each in found["found"]] == ["MarrowPage"]
    assert sorted(numbers(found)) == [("agora.blog", 1), ("local.garden", 1), ("local.secret", 1)]
    assert (found["next"], found["complete"]) == (None, True)
    garden = next(each for each in found["messages"] if each["room"] == "local.garden")
    assert (garden["path"], garden["subject"]) == ("/rooms/local.garden/1", "Seeds <b>")
    assert garden["snippet"] == "Who brings marrows & beans?"
    post = next(each for each in found["messages"] if each["room"] == "agora.blog")
    assert alice.get(post["path"]).status == 200
    assert "A summer" in alice.get(post["path"]).text
    for other in ("", "gus"):
        assert ("local.secret", 1) not in numbers(search(web, "q=marrows", other))
    assert search(web, "q=marrows&in=pages")["messages"] == []
    assert search(web, "q=marrows&in=rooms")["found"] == []
    assert search(web, "q=")["messages"] == []


@MEMBERS
def test_strangers_of_a_members_wiki_find_messages_alone(web: Web) -> None:
    filled(web)
    search(web, "q=marrows", "", 401)
    assert numbers(search(web, "q=marrows&in=rooms", "")) == [("local.garden", 1)]


def test_messages_go_on_by_cursor(web: Web) -> None:
    room = an_open_room(web.transaction, "local.garden")
    posted(web.transaction, *(a_post(room, octets=an_article(f"Marrow {number}")) for number in range(5)))
    web.transaction.commit()
    seen, query = [], "q=marrow&limit=2"
    while query:
        found = search(web, query)
        seen += numbers(found)
        query = f"q=marrow&limit=2&cursor={found['next']}" if found["next"] else ""
    assert [number for _, number in seen] == [5, 4, 3, 2, 1]


@pytest.mark.parametrize("query", ["q=a&in=mail", "q=a&cursor=x", "q=a&cursor=Wy0xXQ", "q=a&cursor=WzEwMDAwMV0"])
def test_what_is_no_question_is_refused(web: Web, query: str) -> None:
    search(web, query, status=400)


def test_an_answer_that_says_it_is_complete_has_what_is_being_indexed_meanwhile(web: Web) -> None:
    room = an_open_room(web.transaction, "local.garden")

    def index() -> None:  # as another process does
        while not index_articles(web.transaction, room.folder_id):
            pass
        web.transaction.commit()

    def ask() -> tuple[int, Any]:
        (result,) = posted(web.transaction, a_post(room, octets=an_article(body="marrows\r\n")))
        web.transaction.commit()
        return uids(result)[0], search(web, "q=marrows&in=rooms")

    for newest, found in overtaken_answers(ask, index):
        assert ("local.garden", newest) in numbers(found) or not found["complete"]
