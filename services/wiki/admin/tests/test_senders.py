"""Rules about senders, made and removed by administrators on the web."""

from __future__ import annotations

from services.wiki.tests.web import Web
from shared.senders.list_rules import list_sender_rules


def test_a_rule_is_made_listed_and_removed(web: Web) -> None:
    root = web.browser("root")
    assert "Mail is taken from everybody." in root.get("/admin/senders").text
    form = {"csrf": root.csrf("/admin/senders"), "change": "make", "what": "@X.test", "kind": "block"}
    assert root.post("/admin/senders", form).fields["location"] == "/admin/senders?done=made"
    page = root.get("/admin/senders?done=made").text
    assert "The rule is made." in page
    assert "@x.test" in page
    removed = {"csrf": form["csrf"], "change": "remove", "what": "@x.test"}
    assert root.post("/admin/senders", removed).fields["location"] == "/admin/senders?done=removed"
    assert root.post("/admin/senders", removed).status == 404
    assert list_sender_rules(web.transaction) == []
    commands = web.transaction.rows("SELECT command FROM command_audit WHERE status = 0 ORDER BY id")
    assert commands == [("sender block @X.test",), ("sender remove @x.test",)]


def test_what_is_no_rule_is_shown_again_with_the_reason(web: Web) -> None:
    root = web.browser("root")
    form = {"csrf": root.csrf("/admin/senders"), "change": "make", "what": "x.test", "kind": "block"}
    answer = root.post("/admin/senders", form)
    assert answer.status == 422
    assert "The rule is not made. A rule is about an address, a domain behind an @, or a network." in answer.text
    assert 'value="x.test"' in answer.text
    assert root.post("/admin/senders", {**form, "kind": "other"}).status == 400
    assert root.post("/admin/senders", {**form, "csrf": ""}).status == 403
