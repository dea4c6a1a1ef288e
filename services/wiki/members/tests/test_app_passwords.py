"""App passwords on the account page."""

from __future__ import annotations

import re

import pytest

from services.wiki.members.account_page import PROTOCOL_NAMES
from services.wiki.tests.web import PASSWORD, Web, basic
from shared.accounts.app_password import PROTOCOLS

NAMES = sorted(PROTOCOLS)


def test_the_form_has_each_protocol_once() -> None:
    assert sorted(name for name, _ in PROTOCOL_NAMES) == NAMES


@pytest.mark.parametrize("protocol", NAMES)
def test_one_is_made_for_each_protocol_and_is_good_there_alone(web: Web, protocol: str) -> None:
    alice = web.browser("alice")
    form = {"label": "tablet", "protocol": protocol, "csrf": alice.csrf("/account"), "own_password": PASSWORD}
    page = alice.post("/account/app-password", form).text
    found = re.search(r"<code>([a-z0-9-]{34})</code>", page)
    assert found is not None
    assert web.transaction.value("SELECT protocols FROM credential WHERE label = 'tablet'") == [protocol]
    web.transaction.commit()
    got = web.script().get("/account", Authorization=basic("alice", found[1]))
    assert got.status == (200 if protocol == "web" else 401)
