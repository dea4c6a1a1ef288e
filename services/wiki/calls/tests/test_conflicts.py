"""Two writers by every pair of faces: separate edits are both in, of overlapping ones exactly one wins."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest

from services.wiki.calls.caller import Caller
from services.wiki.calls.save_pages import save
from services.wiki.calls.tests.fixtures import PASSWORD, People
from services.wiki.calls.tests.site import Opened
from shared.command_line.wiki.client.client import WikiLogin
from shared.command_line.wiki.client.errors import WikiConflict
from shared.command_line.wiki.client.http import HttpPlace
from shared.command_line.wiki.client.pb import PbClient, PbPlace
from shared.command_line.wiki.client.rest import RestClient
from shared.command_line.wiki.client.soap import SoapClient
from shared.command_line.wiki.client.xmlrpc import XmlRpcClient
from shared.testing.reactor import wait_for

START = "one\ntwo\nthree\nfour\nfive\n"
FACES = ("rest", "xmlrpc", "soap", "pb")


def clients(opened: Opened, people: People) -> Mapping[str, Any]:
    """A client of each face, of alice."""
    place = HttpPlace(urlsplit(opened.url()), None, WikiLogin("alice", PASSWORD))
    pb = PbPlace("127.0.0.1", opened.pb_port, None, WikiLogin("alice", people.pb["alice"]))
    return {
        "rest": RestClient(place),
        "xmlrpc": XmlRpcClient(place),
        "soap": SoapClient(place),
        "pb": PbClient(pb),
    }


def start(opened: Opened, people: People, name: str) -> None:
    alice = Caller(opened.parts, people.alice, "192.0.2.1", "test")
    wait_for(lambda: save(alice, name, START))


PAIRS = list(itertools.product(FACES, FACES))


def test_separate_edits_are_both_in_by_every_pair_of_faces(faces: Opened, people: People) -> None:
    by = clients(faces, people)
    for first, second in PAIRS:
        name = f"Separate {first} {second}"
        start(faces, people, name)
        one = by[first].put(name, START.replace("one", "ONE"), 1, "", False)
        two = by[second].put(name, START.replace("five", "FIVE"), 1, "", False)
        assert (one.revision, one.merged, two.revision, two.merged) == (2, False, 3, True), (first, second)
        assert by[first].get(name, None) == START.replace("one", "ONE").replace("five", "FIVE")


def test_of_overlapping_edits_exactly_one_wins_by_every_pair_of_faces(faces: Opened, people: People) -> None:
    by = clients(faces, people)
    for first, second in PAIRS:
        name = f"Overlapping {first} {second}"
        start(faces, people, name)
        by[first].put(name, START.replace("three", "THREE"), 1, "", False)
        with pytest.raises(WikiConflict) as conflict:
            by[second].put(name, START.replace("three", "3"), 1, "", False)
        assert "-THREE\n+3\n" in conflict.value.diff, (first, second)
        page = by[second].get(name, None)
        assert page == START.replace("three", "THREE")
        assert len(by[first].history(name)) == 2


def test_the_same_edit_twice_is_no_conflict(faces: Opened, people: People) -> None:
    by = clients(faces, people)
    for first, second in PAIRS:
        name = f"Equal {first} {second}"
        start(faces, people, name)
        edited = START.replace("three", "THREE")
        assert by[first].put(name, edited, 1, "", False).changed is True
        assert by[second].put(name, edited, 1, "", False).changed is False


def test_a_base_that_never_was_is_refused_by_every_face(faces: Opened, people: People) -> None:
    start(faces, people, "Page")
    for client in clients(faces, people).values():
        with pytest.raises(Exception, match="no such revision"):
            client.put("Page", "x", 99, "", False)
        assert client.get("Page", None) == START


def test_without_a_base_the_last_one_wins_and_the_former_is_in_the_history(faces: Opened, people: People) -> None:
    start(faces, people, "Page")
    revision = 1
    for face, client in clients(faces, people).items():
        revision += 1
        assert client.put("Page", face, None, face, False).revision == revision
        assert client.get("Page", revision) == face
        assert client.history("Page")[0].comment == face
