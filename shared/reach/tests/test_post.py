"""A form is sent with the bounds of a fetch, and sent again only where the redirect says so."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from shared.reach import fetch_errors
from shared.reach.fetch import Fetched, Fetcher
from shared.reach.names import Names
from shared.reach.tests.fetching import ALLOWED, NAMES, answer, redirect
from shared.testing.addresses import Addresses
from shared.testing.origins import Origin, Visit, origin
from shared.testing.reactor import running_reactor, wait_for

FORM = b"hub.mode=subscribe&hub.topic=x"


def post(url: str) -> Fetched:
    async def work() -> Fetched:
        fetcher = Fetcher(running_reactor(), [ip_network(ALLOWED)], names=Names(Addresses(NAMES), running_reactor()))
        return await fetcher.post(url, FORM, "application/x-www-form-urlencoded", octets=1000)

    return wait_for(work)


def taking(bodies: list[bytes], *answers: bytes) -> object:
    """A server that gives these answers, one to each connection."""
    left = list(answers)

    def behave(running: Origin, visit: Visit) -> None:
        running.heads.append(visit.read_head())
        bodies.append(visit.read(len(FORM)))
        visit.send(left.pop(0))
        visit.read_all()

    return behave


def test_a_form_is_posted_and_the_answer_comes() -> None:
    bodies: list[bytes] = []
    with origin(taking(bodies, answer(b"taken", status="202 Accepted")), ALLOWED) as web:  # type: ignore[arg-type]
        fetched = post(f"http://{web.authority}/hub?a=1")
    assert (fetched.status, fetched.body, bodies) == (202, b"taken", [FORM])
    head = web.heads[0].lower()
    assert head.startswith(b"post /hub?a=1 http/1.1\r\n")
    assert b"\r\ncontent-type: application/x-www-form-urlencoded\r\n" in head
    assert b"\r\ncontent-length: %d\r\n" % len(FORM) in head


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_that_repeats_the_request_is_followed(status: int) -> None:
    bodies: list[bytes] = []
    with origin(taking(bodies, redirect("/b", status), answer()), ALLOWED) as web:  # type: ignore[arg-type]
        assert post(f"http://{web.authority}/a").status == 200
    assert bodies == [FORM, FORM]
    assert web.heads[1].startswith(b"POST /b ")


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirect_that_would_be_a_get_is_not_followed(status: int) -> None:
    bodies: list[bytes] = []
    with origin(taking(bodies, redirect("/b", status)), ALLOWED) as web:  # type: ignore[arg-type]
        assert post(f"http://{web.authority}/a").status == status
    assert bodies == [FORM]


def test_nothing_is_posted_into_a_private_network_by_a_redirect_either() -> None:
    bodies: list[bytes] = []
    there = redirect("http://inside.example:8080/", 307)
    with origin(taking(bodies, there), ALLOWED) as web, pytest.raises(fetch_errors.FetchRefused):  # type: ignore[arg-type]
        post(f"http://{web.authority}/a")
    with pytest.raises(fetch_errors.FetchRefused):
        post("http://127.0.0.1:8080/")


def test_an_answer_that_is_too_large_is_refused() -> None:
    with (
        origin(taking([], answer(b"x" * 1001)), ALLOWED) as web,  # type: ignore[arg-type]
        pytest.raises(fetch_errors.AnswerTooLarge),
    ):
        post(f"http://{web.authority}/a")
