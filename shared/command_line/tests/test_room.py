"""The commands about rooms, on a store of the test's own."""

from __future__ import annotations

from shared.command_line.tests.conftest import Agora, read_json
from shared.database.transaction import Transaction
from shared.rooms.find_room import find_room
from shared.rooms.posts.hold import hold_post
from shared.rooms.posts.post import post_articles
from shared.rooms.tests.build import NOW, a_post, an_article


def test_rooms_are_added_and_listed_by_name(run: Agora) -> None:
    for name in ("local.programming", "local.programming.python", "local.knitting"):
        run("room", "add", name, "--read", "everyone", "--post", "everyone")
    rows = read_json(run("room", "list", "--json"))
    assert [row["name"] for row in rows] == ["local.knitting", "local.programming", "local.programming.python"]
    assert rows[0] == {
        "name": "local.knitting", "read": "everyone", "post": "everyone", "moderated": False, "fed": False,
        "articles": 0, "first": 1, "last": 0, "description": "",
    }  # fmt: skip
    assert "local.knitting" in run("room", "list").output
    refused = run("room", "add", "Local.Knitting", status=1)
    assert refused.stderr == "agora: there is a room called local.knitting already\n"
    refused = run("room", "add", "local.2600", status=1)
    assert refused.stderr.startswith("agora: this cannot be a room's name: ")


def test_a_new_room_is_for_members(run: Agora) -> None:
    assert "read by members, posted to by members" in run("room", "add", "a.b").output


def test_a_room_is_changed_and_shown(run: Agora) -> None:
    run("room", "add", "a.b", "--description", "wool", "--keep", "90d", "--address", "talk@example.org", "--json")
    changed = read_json(
        run("room", "set", "a.b", "--moderated", "--post", "moderators", "--keep", "forever",
            "--no-address", "talk@example.org", "--address", "wool@example.org", "--json")
    )  # fmt: skip
    shown = read_json(run("room", "show", "A.b", "--json"))
    assert shown == changed
    assert (shown["moderated"], shown["post"], shown["keep_days"]) == (True, "moderators", None)
    assert shown["addresses"] == ["a.b@example.org", "b@example.org", "wool@example.org"]
    assert "for ever" in run("room", "show", "a.b").output
    assert read_json(run("room", "set", "a.b", "--not-moderated", "--json"))["moderated"] is False
    run("room", "set", "a.b", status=2)
    run("room", "set", "a.b", "--keep", "soon", status=2)
    refused = run("room", "set", "a.b", "--no-address", "talk@example.org", status=1)
    assert refused.stderr == "agora: talk@example.org is no address that the room was given\n"


def test_moderators_are_added_and_removed(run: Agora) -> None:
    run("user", "add", "alice", "--password-stdin", input="kept in a drawer\n")
    run("room", "add", "a.b")
    assert "No moderators but the admins" in run("room", "members", "a.b").output
    assert read_json(run("room", "members", "a.b", "--add", "alice", "--json")) == [
        {"account": "alice", "role": "moderator"}
    ]
    assert run("room", "members", "a.b", "--add", "bob", status=1).stderr == "agora: there is no account called bob\n"
    assert read_json(run("room", "members", "a.b", "--remove", "alice", "--json")) == []
    refused = run("room", "members", "a.b", "--remove", "alice", status=1)
    assert refused.stderr == "agora: alice is no moderator of this room\n"


def test_a_room_is_deleted_after_a_question(run: Agora) -> None:
    run("room", "add", "a.b")
    assert "nothing is deleted" in run("room", "delete", "a.b", input="n\n", status=1).output
    run("room", "delete", "a.b", "--yes")
    assert run("room", "show", "a.b", status=1).stderr == "agora: there is no room called a.b\n"


def test_held_posts_are_listed_approved_and_rejected(run: Agora, transaction: Transaction) -> None:
    run("room", "add", "a.b", "--moderated")
    room = find_room(transaction, "a.b")
    for number in (1, 2):
        article = an_article(f"tea {number}\x1b[2J", identifier=f"<{number}@x>")
        hold_post(transaction, a_post(room, octets=article), "example.org", NOW)
        transaction.commit()
    first, second = read_json(run("room", "held", "--json"))
    assert (first["rooms"], first["subject"], first["account"]) == (["a.b"], "tea 1?[2J", None)
    assert "tea 2" in run("room", "held").output

    assert run("room", "approve", first["token"]).output == "<1@x> is posted: a.b:1.\n"
    assert read_json(run("room", "reject", second["token"], "--reason", "no", "--json")) == {
        "outcome": "rejected", "message_id": "<2@x>", "articles": [],
    }  # fmt: skip
    assert "No posts wait" in run("room", "held").output
    refused = run("room", "approve", first["token"], status=1)
    assert refused.stderr == "agora: somebody has decided about this post already: approved\n"
    refused = run("room", "approve", "x", status=1)
    assert refused.stderr == "agora: no post with that token waits for a decision\n"


def test_articles_are_cancelled_and_put_back(run: Agora, transaction: Transaction) -> None:
    run("room", "add", "a.b")
    post_articles(transaction, [a_post(find_room(transaction, "a.b"), octets=an_article(identifier="<1@x>"))])
    transaction.commit()
    assert run("room", "cancel", "1@x").output == "<1@x> is cancelled in 1 room.\n"
    assert read_json(run("room", "show", "a.b", "--json"))["articles"] == 0
    assert run("room", "cancel", "<1@x>", status=1).stderr == "agora: there is no article <1@x>\n"
    assert read_json(run("room", "undo", "a.b:1", "--json")) == {"message_id": "<1@x>", "rooms": 1}
    assert read_json(run("room", "show", "a.b", "--json"))["articles"] == 1
    assert run("room", "cancel", "a.b:7", status=1).stderr == "agora: there is no article a.b:7\n"
