"""With the store away nothing that was typed is lost, and nothing internal is shown."""

from __future__ import annotations

import re

from services.wiki.rooms.tests.test_rooms import a_room
from services.wiki.tests.web import Web
from shared.testing.eventually import eventually
from shared.testing.store_outage import StoreOutage


def test_what_was_typed_stays_in_the_form(web: Web, database_url: str, server_url: str) -> None:
    a_room(web)
    alice = web.browser("alice")
    page = alice.get("/rooms/local.garden/new").text
    fields = dict(re.findall(r'name="(csrf|token)" value="(\w*)"', page))
    outage = StoreOutage(database_url, server_url)
    outage.begin()
    try:
        got = alice.post("/rooms/local.garden/new", {**fields, "subject": "my <subject>", "text": "my <text>"})
        page_away = alice.get("/rooms/local.garden/threads/1")
    finally:
        outage.end()
    assert got.status == 503
    assert int(got.fields["retry-after"]) > 0
    assert 'value="my &lt;subject&gt;"' in got.text
    assert "my &lt;text&gt;" in got.text
    assert "Traceback" not in got.text
    assert "psycopg" not in got.text
    assert page_away.status == 503
    again = dict(re.findall(r'name="(csrf|token)" value="(\w*)"', got.text))
    assert again == fields
    typed = {**again, "subject": "my <subject>", "text": "my <text>"}
    eventually(lambda: alice.post("/rooms/local.garden/new", typed).status == 303, "the store is back")
