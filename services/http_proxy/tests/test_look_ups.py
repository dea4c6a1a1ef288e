"""One client's slow names are its own affair, over real connections."""

from __future__ import annotations

from contextlib import ExitStack

from services.http_proxy.tests.clients import Client
from services.http_proxy.tests.proxies import proxy
from shared.reach.names import LOOK_UPS_OF_ONE, Answer
from shared.testing.eventually import eventually
from shared.testing.origins import OK, always, origin

CLIENTS = 300


class Half:
    """A resolver that knows where a.example is, and never answers for any other name."""

    def __init__(self) -> None:
        self.slow: list[tuple[str, Answer]] = []

    def __call__(self, host: str, answered: Answer) -> None:
        if host == "a.example":
            answered(("127.0.0.1",))
        else:
            self.slow.append((host, answered))


def test_slow_names_of_one_client_keep_nobody_else_waiting_and_end_with_it() -> None:
    resolver = Half()
    with origin(always(OK)) as web, proxy(resolver=resolver, trusted_proxies=["127.0.0.0/8"]) as running:
        names = running.parts.connector.names
        with ExitStack() as opened:
            for number in range(CLIENTS):
                mallory = opened.enter_context(Client(running.port))
                mallory.send(b"PROXY TCP4 127.0.0.8 192.0.2.2 1 3128\r\n")
                mallory.get(f"http://slow-{number}.example/")
            eventually(lambda: len(names._queue) == CLIENTS - LOOK_UPS_OF_ONE, "all wait but for some that are asked")
            alice = opened.enter_context(Client(running.port))
            alice.send(b"PROXY TCP4 127.0.0.9 192.0.2.2 1 3128\r\n")
            alice.get(f"http://a.example:{web.port}/")
            assert alice.answer().body == b"ok"
        eventually(lambda: len(names._queue) == 0, "what nobody waits for is not asked")
        statuses = running.counts.statuses
        eventually(lambda: sum(statuses.values()) > CLIENTS - LOOK_UPS_OF_ONE, "all of these are counted")
        assert set(statuses) == {200, 499}
        assert len(resolver.slow) == LOOK_UPS_OF_ONE
