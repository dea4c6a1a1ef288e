"""The policies of other domains are fetched once, kept until their time is over, and fetched again when they change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.ssl import Certificate, trustRootFromCertificates
from twisted.internet.task import Clock

from shared.database.database import Database
from shared.outbound.mail_names import MailNames
from shared.outbound.mta_sts.policies import LOOKED_AT_AFTER, PolicyUnknown, StsPolicies
from shared.outbound.mta_sts.policy import StsMode, StsPolicy
from shared.outbound.places import ServerPlace
from shared.outbound.tests.dns_server import a, serving_names_aside, txt
from shared.outbound.tests.policy_server import MODES, WEB_HOST, PolicyServer, serving_policy
from shared.reach.fetch import Fetcher
from shared.reach.names import Names
from shared.testing.certificates import self_signed
from shared.testing.reactor import running_reactor

DOMAIN = "remote.test"


class Asking:
    """Policies on a clock of their own; what DNS and the web server say may be changed meanwhile."""

    def __init__(self, database: Database, world: dict[str, Any], web: PolicyServer, place: ServerPlace) -> None:
        self.world = world
        self.web = web
        self.clock = Clock()
        self._database = database
        self._place = place

    def says(self, number: str | None) -> None:
        """The domain's record."""
        self.world[f"_mta-sts.{DOMAIN}"] = [] if number is None else [txt(f"v=STSv1; id={number};")]

    def policies(self) -> StsPolicies:
        """As of a process of its own: nothing is cached."""
        reactor = running_reactor()
        names = MailNames(reactor, [self._place])
        fetcher = Fetcher(reactor, names=Names(names, reactor), trust_root=self.web.trust_root)
        return StsPolicies(self._database, names, fetcher, self.clock, private=True, port=self.web.port)

    async def find(self) -> StsPolicy | None:
        return await self.policies().find(DOMAIN)


@pytest.fixture
def asking(database: Database, tmp_path: Path) -> Iterator[Asking]:
    world: dict[str, Any] = {WEB_HOST: [a("127.0.0.1")]}
    with serving_names_aside(world) as place, serving_policy(tmp_path) as web:
        yield Asking(database, world, web, place)


async def test_domain_without_a_record_has_no_policy_and_its_web_server_is_not_asked(asking: Asking) -> None:
    assert await asking.find() is None
    assert asking.web.asked == 0


async def test_policy_is_fetched_once_and_kept_for_every_process(asking: Asking) -> None:
    asking.says("1")
    found = await asking.find()
    assert found is not None
    assert (found.mode, list(found.patterns)) == (StsMode.ENFORCE, ["mx.remote.test"])
    assert await asking.find() == found
    assert asking.web.asked == 1


async def test_policy_is_fetched_again_when_its_id_changes(asking: Asking) -> None:
    asking.says("1")
    policies = asking.policies()
    await policies.find(DOMAIN)
    asking.web.text = MODES["testing"]
    asking.says("2")
    found = await policies.find(DOMAIN)
    assert found is not None
    assert found.mode is StsMode.ENFORCE
    asking.clock.advance(LOOKED_AT_AFTER.total_seconds())
    found = await asking.find()
    assert found is not None
    assert found.mode is StsMode.TESTING


@pytest.mark.parametrize("record", [None, "1", "2"], ids=["no-record", "same-record", "new-record"])
async def test_kept_policy_counts_while_the_domain_is_cut_off(asking: Asking, record: str | None) -> None:
    asking.says("1")
    found = await asking.find()
    asking.web.status = 503
    asking.says(record)
    assert await asking.find() == found
    asking.world[f"_mta-sts.{DOMAIN}"] = None  # the DNS server fails
    assert await asking.find() == found


async def test_kept_policy_ends_with_its_time(asking: Asking, database: Database) -> None:
    asking.says("1")
    await asking.find()
    asking.web.status = 503
    await database.transact(lambda tx: tx.execute("UPDATE sts_policy SET fetched_at = fetched_at - max_age"))
    with pytest.raises(PolicyUnknown):
        await asking.find()


async def test_policy_that_is_withdrawn_is_none(asking: Asking) -> None:
    asking.says("1")
    await asking.find()
    asking.web.text = MODES["none"]
    asking.says("2")
    assert await asking.find() is None


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 404},
        {"status": 302, "more": "Location: /elsewhere\r\n"},
        {"kind": "text/html"},
        {"text": "x" * (64 << 10) + MODES["enforce"]},
        {"text": "no policy"},
    ],
    ids=["missing", "redirect", "html", "large", "malformed"],
)
async def test_answer_that_is_no_policy_is_none_and_is_asked_for_again_in_some_minutes(
    asking: Asking, answer: dict[str, Any]
) -> None:
    for name, value in answer.items():
        setattr(asking.web, name, value)
    asking.says("1")
    policies = asking.policies()
    for _ in range(2):
        with pytest.raises(PolicyUnknown):
            await policies.find(DOMAIN)
    assert asking.web.asked == 1
    asking.web.usual()
    asking.clock.advance(LOOKED_AT_AFTER.total_seconds())
    assert await policies.find(DOMAIN) is not None


async def test_web_server_with_a_certificate_of_another_host_has_no_policy(asking: Asking) -> None:
    asking.says("1")
    asking.web.trust_root = trustRootFromCertificates([Certificate.loadPEM(self_signed(WEB_HOST).certificate)])
    with pytest.raises(PolicyUnknown):
        await asking.find()
