"""`agora room subscribe`, `subscribers` and `unsubscribe`, as they are typed."""

from __future__ import annotations

import pytest

from shared.command_line.tests.conftest import Agora, read_json


def test_an_account_subscribes_changes_and_leaves(run_with_a_room: Agora) -> None:
    run = run_with_a_room
    assert run("room", "subscribers", "a.b").output == "Nobody is sent its posts by mail.\n"
    assert run("room", "subscribe", "A.B", "alice").output == "alice is sent the posts of a.b by mail, as they come.\n"
    (row,) = read_json(run("room", "subscribers", "a.b", "--json"))
    assert (row["account"], row["kind"], row["sent_up_to"], row["passed_over"]) == ("alice", "each", 0, 0)
    told = run("room", "subscribe", "a.b", "alice@example.org", "--digest").output
    assert told == "alice@example.org is sent the posts of a.b by mail, once a day, in a digest.\n"
    assert "digest" in run("room", "subscribers", "a.b").output
    assert read_json(run("room", "subscribe", "a.b", "alice", "--json")) == {
        "room": "a.b", "account": "alice", "kind": "each",
    }  # fmt: skip
    assert run("room", "unsubscribe", "a.b", "alice").output == "alice is sent no more posts of a.b by mail.\n"
    refused = run("room", "unsubscribe", "a.b", "alice", "--json", status=1)
    assert refused.stderr == "agora: alice is not subscribed to this room by mail\n"


@pytest.mark.parametrize("verb", ["subscribe", "unsubscribe"])
@pytest.mark.parametrize(
    ("account", "said"),
    [
        ("bob", "there is no account called bob"),
        ("bob@example.org", "there is no account called bob@example.org"),
    ],
)
def test_who_has_no_mailbox_here_cannot_subscribe(run_with_a_room: Agora, verb: str, account: str, said: str) -> None:
    assert run_with_a_room("room", verb, "a.b", account, status=1).stderr == f"agora: {said}\n"


def test_address_elsewhere_subscribes_where_the_room_takes_it(run_with_a_room: Agora) -> None:
    run, address = run_with_a_room, "bob@elsewhere.example"
    refused = run("room", "subscribe", "a.b", address, status=1)
    assert refused.stderr == (
        "agora: the posts of a.b go to no other servers: `agora room set` changes that (--elsewhere)\n"
    )
    run("room", "set", "a.b", "--elsewhere", "yes")
    said = run("room", "subscribe", "a.b", address, "--digest").output
    assert said.startswith(f"{address} is sent the posts of a.b by mail, once a day, in a digest.\nMail for elsewhere")
    (row,) = read_json(run("room", "subscribers", "a.b", "--json"))
    assert (row["account"], row["kind"], row["passed_over"]) == (address, "digest", 0)
    assert run("room", "unsubscribe", "a.b", address).output == f"{address} is sent no more posts of a.b by mail.\n"
    refused = run("room", "unsubscribe", "a.b", address, status=1)
    assert refused.stderr == f"agora: {address} is not subscribed to this room by mail\n"


def test_guests_and_rooms_that_are_not_there_are_refused(run_with_a_room: Agora) -> None:
    run = run_with_a_room
    run("user", "add", "gus", "--role", "guest", "--password-stdin", input="kept in a drawer\n")
    refused = run("room", "subscribe", "a.b", "gus", status=1)
    assert refused.stderr == "agora: gus is a guest, and guests receive no mail\n"
    for command in (("subscribe", "x.y", "alice"), ("unsubscribe", "x.y", "alice"), ("subscribers", "x.y")):
        assert run("room", *command, status=1).stderr == "agora: there is no room called x.y\n"
