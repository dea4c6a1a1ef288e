"""DMARC's policies: which counts, who is aligned, and what is asked for (RFC 7489)."""

from __future__ import annotations

import pytest

from shared.outbound.tests.dns_server import Records, txt
from shared.trust.dmarc import DmarcRecord, Published, find_policy, judge, read_record
from shared.trust.organisation import organisational_domain
from shared.trust.tests.world import world
from shared.trust.verdict import FAIL, NONE, PASS, PERMERROR, QUARANTINE, REJECT, TEMPERROR, DkimVerdict, SpfVerdict

NO_SPF = SpfVerdict(NONE, "")
RELAXED = DmarcRecord(REJECT, QUARANTINE, False, False, 100)
STRICT = RELAXED._replace(strict_dkim=True, strict_spf=True)


@pytest.mark.parametrize(
    ("text", "record"),
    [
        (b"v=DMARC1; p=reject", DmarcRecord(REJECT, REJECT, False, False, 100)),
        (b"v=DMARC1;p=Reject;sp=none;adkim=s;aspf=s;pct=20;", DmarcRecord(REJECT, NONE, True, True, 20)),
        (b"v=DMARC1; p=quarantine; sp=nonsense; pct=101", DmarcRecord(QUARANTINE, QUARANTINE, False, False, 100)),
        (b"v=DMARC1; p=none; pct=-5; adkim=x", DmarcRecord(NONE, NONE, False, False, 100)),
        (b"v=DMARC1; rua=mailto:a@x.test", DmarcRecord(NONE, NONE, False, False, 100)),
        (b"v=DMARC1", None),
        (b"v=DMARC1; p=nonsense", None),
        (b"v=DMARC1; p=none; p=reject", None),
        (b"v=DMARC1; \xff\x00", None),
    ],
)
def test_records_are_read(text: bytes, record: DmarcRecord | None) -> None:
    assert read_record(text) == record


WORLD: Records = {
    "_dmarc.x.test": [txt("unrelated"), txt("v=DMARC1; p=reject; sp=quarantine")],
    "_dmarc.own.x.test": [txt("v=DMARC1; p=none")],
    "_dmarc.two.test": [txt("v=DMARC1; p=reject"), txt("v=DMARC1; p=none")],
    "_dmarc.away.test": None,
    "_dmarc.co.uk": [txt("v=DMARC1; p=reject")],
}


@pytest.mark.parametrize(
    ("domain", "published"),
    [
        ("x.test", Published("x.test", DmarcRecord(REJECT, QUARANTINE, False, False, 100))),
        ("a.b.x.test", Published("a.b.x.test", DmarcRecord(REJECT, QUARANTINE, False, False, 100), inherited=True)),
        ("own.x.test", Published("own.x.test", DmarcRecord(NONE, NONE, False, False, 100))),
        ("two.test", Published("two.test", None)),
        ("nothing.test", Published("nothing.test", None)),
        ("example.co.uk", Published("example.co.uk", None, inherited=True)),
        ("away.test", Published("away.test", None, is_away=True)),
    ],
)
async def test_the_policy_is_that_of_the_domain_else_of_its_organisation(domain: str, published: Published) -> None:
    with world(WORLD) as names:
        found = await find_policy(names, domain)
    assert found._replace(inherited=False) == published._replace(inherited=False)
    assert found.inherited is published.inherited or found.record is None


def test_organisations_are_those_of_the_public_suffix_list() -> None:
    assert organisational_domain("a.b.example.co.uk") == "example.co.uk"
    assert organisational_domain("co.uk") == "co.uk"
    assert organisational_domain("alice.github.io") == "alice.github.io"


@pytest.mark.parametrize(
    ("record", "spf", "dkim", "result"),
    [
        (RELAXED, SpfVerdict(PASS, "bounces.x.test"), [], PASS),
        (STRICT, SpfVerdict(PASS, "bounces.x.test"), [], FAIL),
        (STRICT, SpfVerdict(PASS, "x.test"), [], PASS),
        (RELAXED, SpfVerdict(PASS, "y.test"), [], FAIL),
        (RELAXED, SpfVerdict("softfail", "x.test"), [], FAIL),
        (RELAXED, NO_SPF, [DkimVerdict(PASS, "mail.x.test")], PASS),
        (STRICT, NO_SPF, [DkimVerdict(PASS, "mail.x.test")], FAIL),
        (STRICT, NO_SPF, [DkimVerdict(FAIL, "x.test"), DkimVerdict(PASS, "x.test")], PASS),
        (RELAXED, NO_SPF, [DkimVerdict(PASS, "notx.test")], FAIL),
        (RELAXED, NO_SPF, [DkimVerdict("policy", "x.test")], FAIL),
        (RELAXED, SpfVerdict(TEMPERROR, "x.test"), [], TEMPERROR),
        (RELAXED, NO_SPF, [DkimVerdict(TEMPERROR, "x.test")], TEMPERROR),
    ],
)
def test_alignment_is_relaxed_or_strict(
    record: DmarcRecord, spf: SpfVerdict, dkim: list[DkimVerdict], result: str
) -> None:
    verdict = judge(Published("x.test", record), spf, dkim, lambda: 0.0)
    assert verdict.result == result
    assert verdict.asked == (REJECT if result == FAIL else NONE)


def test_subdomains_have_the_policy_made_for_them() -> None:
    assert judge(Published("a.x.test", RELAXED, inherited=True), NO_SPF, [], lambda: 0.0).asked == QUARANTINE


@pytest.mark.parametrize(
    ("policy", "chance", "asked"),
    [(REJECT, 0.19, REJECT), (REJECT, 0.2, QUARANTINE), (QUARANTINE, 0.19, QUARANTINE), (QUARANTINE, 0.9, NONE)],
)
def test_pct_asks_for_less_for_the_rest(policy: str, chance: float, asked: str) -> None:
    record = DmarcRecord(policy, policy, False, False, 20)
    assert judge(Published("x.test", record), NO_SPF, [], lambda: chance).asked == asked


def test_a_from_that_names_several_domains_is_for_junk() -> None:
    verdict = judge(None, SpfVerdict(PASS, "x.test"), [], lambda: 0.0)
    assert (verdict.result, verdict.asked) == (PERMERROR, QUARANTINE)


def test_where_dns_is_away_nothing_is_asked() -> None:
    verdict = judge(Published("x.test", None, is_away=True), SpfVerdict(FAIL, "x.test"), [], lambda: 0.0)
    assert (verdict.result, verdict.asked) == (TEMPERROR, NONE)
