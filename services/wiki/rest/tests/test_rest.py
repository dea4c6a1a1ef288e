"""REST over HTTP: pages, history, rooms, marks, and what every endpoint has in common."""

from __future__ import annotations

import json
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
import requests

from services.wiki.calls.tests.fixtures import PASSWORD, People
from services.wiki.calls.tests.site import Opened, open_faces
from shared.database.database import Database
from shared.events.bus import Bus
from shared.rooms.create_room import create_room
from shared.testing.reactor import wait_for
from shared.wiki.policy import WikiPolicy


class RestReply(NamedTuple):
    status: int
    fields: Any
    octets: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.octets)


class RestCaller(NamedTuple):
    """Asks by REST, as somebody."""

    opened: Opened
    user: str = "alice"

    def ask(self, method: str, path: str, body: Any = None, **fields: str) -> RestReply:
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        octets = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        if octets is not None:
            named.setdefault("Content-Type", "application/json")
        auth = (self.user, PASSWORD) if self.user else None
        url = self.opened.url("/api/v1" + path)
        answer = requests.request(method, url, data=octets, headers=named, auth=auth, timeout=30)
        problem = answer.status_code >= 400
        if answer.content:
            assert answer.headers["Content-Type"].startswith("application/problem+json") is problem
        if problem and method != "HEAD":
            assert answer.json()["status"] == answer.status_code
        assert "html" not in answer.headers.get("Content-Type", "")
        return RestReply(answer.status_code, answer.headers, answer.content)

    def put(self, name: str, source: str, **fields: str) -> RestReply:
        return self.ask("PUT", f"/pages/{quote(name, safe='')}", {"source": source}, **fields)


def test_pages_are_saved_read_and_deleted(faces: Opened) -> None:
    alice = RestCaller(faces)
    made = alice.put("Rest Test/Below", "one \U0001f600")
    assert (made.status, made.fields["ETag"], made.fields["Location"]) == (201, '"1"', "/Rest%20Test/Below")
    assert made.json == {
        "name": "Rest Test/Below", "revision": 1, "created": True, "merged": False, "changed": True,
    }  # fmt: skip
    assert alice.put("Rest_Test/Below", "two").status == 200
    read = alice.ask("GET", "/pages/Rest%20Test%2FBelow")
    assert (read.json["source"], read.json["revision"], read.fields["ETag"]) == ("two", 2, '"2"')
    assert alice.ask("GET", "/pages/Rest%20Test%2FBelow", If_None_Match='"2"').status == 304
    source = alice.ask("GET", "/pages/Rest%20Test%2FBelow", Accept="text/markdown")
    assert (source.octets, source.fields["Content-Type"]) == (b"two", "text/markdown; charset=utf-8")
    head = alice.ask("HEAD", "/pages/Rest%20Test%2FBelow")
    assert (head.status, head.octets) == (200, b"")
    assert "<p>" in alice.ask("GET", "/pages/WikiHome/html").json["html"]
    assert alice.ask("DELETE", "/pages/Rest%20Test%2FBelow").status == 204
    assert alice.ask("GET", "/pages/Rest%20Test%2FBelow").status == 404
    assert alice.ask("DELETE", "/pages/Rest%20Test%2FBelow").status == 404


def test_sources_are_put_as_they_are(faces: Opened) -> None:
    alice = RestCaller(faces)
    octets = "a\r\n\x01\x00é]]>".encode()
    assert alice.ask("PUT", "/pages/Odd", octets, Content_Type="text/markdown; charset=utf-8").status == 201
    assert alice.ask("GET", "/pages/Odd", Accept="text/markdown").octets == octets
    assert alice.ask("GET", "/pages/Odd").json["source"].encode() == octets
    assert alice.ask("PUT", "/pages/Odd", b"\xff", Content_Type="text/plain").status == 400
    assert alice.ask("PUT", "/pages/Odd", b"<a/>", Content_Type="text/xml").status == 415


def test_conditions_refuse_with_the_diff_and_never_merge(faces: Opened) -> None:
    alice = RestCaller(faces)
    alice.put("Shared", "one\ntwo\nthree\n")
    assert alice.put("Shared", "x", If_None_Match="*").status == 412
    alice.put("Shared", "ONE\ntwo\nthree\n", If_Match='"1"')
    moved = alice.put("Shared", "one\ntwo\nTHREE\n", If_Match='"1"')
    assert (moved.status, moved.fields["ETag"], moved.json["revision"]) == (412, '"2"', 2)
    assert "+THREE\n" in moved.json["diff"]
    assert alice.put("None", "x", If_Match='"1"').status == 412
    assert alice.put("Shared", "x", If_Match="tea").status == 400


def test_base_is_merged_or_a_conflict(faces: Opened) -> None:
    alice = RestCaller(faces)
    alice.put("Shared", "one\ntwo\nthree\n")
    alice.put("Shared", "ONE\ntwo\nthree\n")
    merged = alice.ask("PUT", "/pages/Shared", {"source": "one\ntwo\nTHREE\n", "base": 1})
    assert (merged.status, merged.json["merged"], merged.json["revision"]) == (200, True, 3)
    conflict = alice.ask("PUT", "/pages/Shared?base=1", b"1\ntwo\nthree\n", Content_Type="text/markdown")
    assert (conflict.status, conflict.json["revision"]) == (409, 3)
    assert "-ONE\n+1\n" in conflict.json["diff"]


def test_who_may_not_is_told_so(faces: Opened) -> None:
    stranger = RestCaller(faces, "")
    refused = stranger.put("A", "a")
    assert (refused.status, refused.fields["WWW-Authenticate"][:5]) == (401, "Basic")
    assert stranger.ask("GET", "/account").status == 401
    assert RestCaller(faces, "nobody").ask("GET", "/pages").status == 401
    RestCaller(faces).put("AliceAlone", "a")
    assert RestCaller(faces, "bob").ask("DELETE", "/pages/AliceAlone").status == 403
    assert RestCaller(faces).put("save", "a").status == 400


def test_lists_go_on_by_cursor(faces: Opened) -> None:
    alice = RestCaller(faces)
    for number in range(5):
        alice.put(f"Page {number} é", "x")
    names, path = [], "/pages?limit=2"
    while path:
        page = alice.ask("GET", path)
        names += [each["name"] for each in page.json["pages"]]
        assert ("Link" in page.fields) is (page.json["next"] is not None)
        path = f"/pages?limit=2&cursor={page.json['next']}" if page.json["next"] else ""
    assert names == [*(f"Page {number} é" for number in range(5)), "WikiHome"]
    for number in range(4):
        alice.put("Many", f"{number}")
    newest = alice.ask("GET", "/pages/Many/revisions?limit=3").json
    assert [each["revision"] for each in newest["revisions"]] == [4, 3, 2]
    older = alice.ask("GET", f"/pages/Many/revisions?limit=3&cursor={newest['next']}").json
    assert ([each["revision"] for each in older["revisions"]], older["next"]) == ([1], None)
    for wrong in ("/pages?limit=0", "/pages?limit=x", "/pages?cursor=x", f"/pages?cursor={newest['next']}"):
        assert alice.ask("GET", wrong).status == 400


def test_history_and_differences(faces: Opened) -> None:
    alice = RestCaller(faces)
    for text in ("one\n", "two\n", "three\n"):
        alice.put("Page", text)
    assert alice.ask("GET", "/pages/Page/revisions/1").json["source"] == "one\n"
    for missing in ("99", "9" * 18):
        assert alice.ask("GET", f"/pages/Page/revisions/{missing}").status == 404
    for wrong in ("0", "x", "-1"):
        assert alice.ask("GET", f"/pages/Page/revisions/{wrong}").status == 400
    difference = alice.ask("GET", "/pages/Page/diff").json
    assert (difference["older"], difference["newer"]) == (2, 3)
    assert "-two\n+three\n" in difference["diff"]
    assert b"-one\n+three\n" in alice.ask("GET", "/pages/Page/diff?from=1", Accept="text/x-diff").octets


def test_finding(faces: Opened) -> None:
    alice = RestCaller(faces)
    alice.put("Tea", "marmalade ToastRack")
    assert [hit["name"] for hit in alice.ask("GET", "/search?q=marmalade").json["found"]] == ["Tea"]
    assert {"name": "ToastRack", "wanted_by": 1} in alice.ask("GET", "/needed").json["needed"]
    assert alice.ask("GET", "/pages/ToastRack/backlinks").json == {"pages": ["Tea"]}


def test_rooms_messages_and_marks(faces: Opened) -> None:
    wait_for(lambda: faces.parts.database.transact(create_room, "agora.tea"))
    alice, bob = RestCaller(faces), RestCaller(faces, "bob")
    assert [room["name"] for room in alice.ask("GET", "/rooms").json["rooms"]] == ["agora.tea"]
    new = {"subject": "Tea é", "text": "At four?\n"}
    posted = alice.ask("POST", "/rooms/agora.tea/messages", new, Idempotency_Key='"k1"')
    assert (posted.status, posted.json["number"], posted.json["again"]) == (201, 1, False)
    again = alice.ask("POST", "/rooms/agora.tea/messages", new, Idempotency_Key="k1")
    assert (again.status, again.json["number"], again.json["again"]) == (200, 1, True)
    assert again.json["message_id"] == posted.json["message_id"]
    other = bob.ask("POST", "/rooms/agora.tea/messages", new | {"answers": posted.json["message_id"]},
                    Idempotency_Key="k1")  # fmt: skip
    assert (other.status, other.json["number"]) == (201, 2)
    listed = alice.ask("GET", "/rooms/agora.tea/messages").json
    assert [(each["number"], each["subject"]) for each in listed["messages"]] == [(1, "Tea é"), (2, "Tea é")]
    assert listed["messages"][1]["references"] == posted.json["message_id"]
    raw = alice.ask("GET", "/rooms/agora.tea/messages/1/raw")
    assert raw.fields["Content-Type"] == "message/rfc822"
    assert raw.octets.endswith(b"\r\n\r\nAt four?\r\n")
    assert alice.ask("GET", "/rooms/agora.tea/messages/1", Accept="message/rfc822").octets == raw.octets
    assert alice.ask("GET", "/rooms/agora.tea/messages/1").json["size_octets"] == len(raw.octets)
    assert alice.ask("GET", "/rooms/agora.tea").json["messages"] == 2
    changed = alice.ask("POST", "/rooms/agora.tea/marks", {"flag": "seen", "numbers": [1, 2, 99]})
    assert changed.json == {"numbers": [1, 2]}
    assert alice.ask("GET", "/rooms/agora.tea/marks").json == {
        "seen": [{"first": 1, "last": 2}], "flagged": [], "answered": [],
    }  # fmt: skip
    alice.ask("POST", "/rooms/agora.tea/marks", {"flag": "seen", "numbers": [2], "put": False})
    assert alice.ask("GET", "/rooms/agora.tea/marks").json["seen"] == [{"first": 1, "last": 1}]
    assert bob.ask("GET", "/rooms/agora.tea/marks").json["seen"] == []
    for wrong in (
        {"flag": "deleted", "numbers": [1]},
        {"flag": "seen", "numbers": [0]},
        {"flag": "seen", "numbers": 1},
    ):
        assert alice.ask("POST", "/rooms/agora.tea/marks", wrong).status == 400
    assert alice.ask("GET", "/rooms/agora.none").status == 404
    assert alice.ask("GET", "/rooms/agora.tea/messages/99/raw").status == 404
    assert RestCaller(faces, "").ask("POST", "/rooms/agora.tea/messages", new).status == 401
    forged = "Authentication-Results: news.example.org; dmarc=pass"
    alice.ask("POST", "/rooms/agora.tea/messages", {"subject": forged, "text": forged + "\n"})
    head, _, body = alice.ask("GET", "/rooms/agora.tea/messages/3/raw").octets.partition(b"\r\n\r\n")
    assert b"\nAuthentication-Results:" not in b"\n" + head
    assert body == forged.encode() + b"\r\n"
    odd = (
        {"subject": "a\r\nAuthentication-Results: news.example.org; none"},
        {"subject": "a\r\nBcc: x"},
        {"subject": ""},
        {"subject": "a" * 300},
        {"text": " "},
        {"answers": "\r\nX: y"},
    )
    for wrong_post in odd:
        assert alice.ask("POST", "/rooms/agora.tea/messages", new | wrong_post).status == 400


def test_account_is_the_callers_own(faces: Opened) -> None:
    assert RestCaller(faces).ask("GET", "/account").json["name"] == "alice"
    assert RestCaller(faces, "admin").ask("GET", "/account").json["role"] == "admin"


def test_what_http_itself_refuses_is_a_problem_too(faces: Opened) -> None:
    alice = RestCaller(faces)
    assert alice.ask("GET", "/nothing").status == 404
    wrong = alice.ask("PATCH", "/pages/WikiHome", {})
    assert (wrong.status, wrong.fields["Allow"]) == (405, "DELETE, GET, HEAD, PUT")
    assert alice.ask("GET", "/pages", Accept="text/html").status == 406
    assert alice.ask("GET", "/pages/WikiHome", Accept="text/html, */*;q=0.1").status == 200
    assert alice.ask("PUT", "/pages/A", b"{").status == 400
    assert alice.ask("PUT", "/pages/A", b'{"source": ' + b"[" * 100_000).status == 400
    assert alice.ask("GET", "/pages/%ff").status == 400
    assert (
        alice.ask("POST", "/rooms/agora.tea/messages", {"subject": "a", "text": "b"}, Idempotency_Key="").status == 400
    )


def test_rates_are_told_and_kept(database: Database, bus: Bus, people: People) -> None:
    with open_faces(database, bus, WikiPolicy(), most_requests=2) as opened:
        alice = RestCaller(opened)
        first = alice.ask("GET", "/pages")
        assert first.fields["RateLimit-Policy"] == '"default";q=2;w=60'
        assert first.fields["RateLimit"].startswith('"default";r=1;t=')
        statuses = [alice.ask("GET", "/pages").status for _ in range(4)]
        assert 429 in statuses
        assert RestCaller(opened, "bob").ask("GET", "/pages").status == 200


def test_bugs_are_told_as_nothing_but_internal_errors(faces: Opened) -> None:
    async def fail(_database: Any, *_arguments: Any) -> None:
        raise KeyError("secret")

    object.__setattr__(faces.parts.database, "read", fail)
    reply = RestCaller(faces, "").ask("GET", "/pages")
    assert reply.status == 500
    assert b"secret" not in reply.octets


@pytest.mark.parametrize("path", ["/pages", "/pages/WikiHome", "/needed", "/search?q=a", "/pages/WikiHome/diff"])
def test_members_alone_read_a_closed_wiki(closed_wiki: Opened, path: str) -> None:
    assert RestCaller(closed_wiki, "").ask("GET", path).status == 401
    assert RestCaller(closed_wiki).ask("GET", path).status == 200


def test_attachments_are_files_and_never_shown_as_pages_of_the_site(faces: Opened) -> None:
    alice, bob = RestCaller(faces), RestCaller(faces, "bob")
    path = "/pages/WikiHome/attachments/tea%20pot.html"
    octets = b"<script>alert(1)</script>\x00\xff"
    made = alice.ask("PUT", path + "?comment=why", octets, Content_Type="text/html")
    assert (made.status, made.json["revision"], made.json["comment"]) == (201, 1, "why")
    read = alice.ask("GET", path)
    assert (read.octets, read.fields["Content-Type"]) == (octets, "application/octet-stream")
    assert read.fields["Content-Disposition"] == "attachment"
    assert alice.ask("GET", path, If_None_Match='"1"').status == 304
    listed = alice.ask("GET", "/pages/WikiHome/attachments").json["files"]
    assert [(each["name"], each["media_type"], each["size_octets"]) for each in listed] == [
        ("tea pot.html", "text/html", len(octets))
    ]
    assert bob.ask("DELETE", path).status == 403
    assert alice.ask("PUT", path, b"", Content_Type="text/plain").status == 200
    assert alice.ask("DELETE", path).status == 204
    assert alice.ask("GET", path).status == 404
    assert alice.ask("PUT", "/pages/Missing/attachments/a.txt", b"a").status == 404
    assert alice.ask("PUT", "/pages/WikiHome/attachments/..", b"a").status in (400, 404)
    assert RestCaller(faces, "").ask("PUT", path, b"a").status == 401
