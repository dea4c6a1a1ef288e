"""Fixtures for tests of the faces: accounts, and the faces opened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from services.wiki.calls.tests.site import Opened, open_faces
from shared.accounts.account import Account, Role
from shared.accounts.add_app_password import add_app_password
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.testing.builders import a_member, verifiers_of
from shared.testing.reactor import wait_for
from shared.wiki.policy import WikiPolicy

PASSWORD = "tea-at-four-o-clock"


class People(NamedTuple):
    """Accounts, with the password above, and an app password for Perspective Broker of each."""

    alice: Account
    bob: Account
    admin: Account
    pb: dict[str, str]


def _create(tx: Transaction) -> People:
    tx.execute("INSERT INTO domain (name) VALUES ('example.org') ON CONFLICT DO NOTHING")
    verifiers = verifiers_of(PASSWORD)
    alice = a_member(tx, "alice", verifiers=verifiers)
    bob = a_member(tx, "bob", verifiers=verifiers)
    admin = a_member(tx, "admin", Role.ADMIN, verifiers=verifiers)
    pb = {each.name: add_app_password(tx, each.id, "pb", ["pb"])[1] for each in (alice, bob, admin)}
    return People(alice, bob, admin, pb)


@pytest.fixture
def people(database: Database) -> People:
    return wait_for(lambda: database.transact(_create))


@pytest.fixture
def faces(database: Database, bus: Bus, people: People) -> Iterator[Opened]:
    """Members write, everyone reads."""
    with open_faces(database, bus, WikiPolicy()) as opened:
        yield opened


@pytest.fixture
def open_wiki(database: Database, bus: Bus, people: People) -> Iterator[Opened]:
    """Everyone writes."""
    with open_faces(database, bus, WikiPolicy(writing="everyone")) as opened:
        yield opened


@pytest.fixture
def closed_wiki(database: Database, bus: Bus, people: People) -> Iterator[Opened]:
    """Members read and write, and nobody else."""
    with open_faces(database, bus, WikiPolicy(reading="members")) as opened:
        yield opened
