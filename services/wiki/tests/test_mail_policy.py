"""The policy about TLS (MTA-STS) is served for the domains here, and read by our own queue as what it should be."""

from __future__ import annotations

import pytest

from services.wiki.tests.web import Web
from shared.mail.domains import ensure_domain
from shared.outbound.mta_sts.own_policy import own_records
from shared.outbound.mta_sts.policy import StsMode, policy_id, read_policy

PATH = "/.well-known/mta-sts.txt"
ENFORCE = {"mail_tls_policy": "enforce", "hostname": "mail.example.org"}


@pytest.mark.parametrize("web", [ENFORCE], indirect=True)
def test_policy_is_served_for_domains_here_and_for_no_other_host(web: Web) -> None:
    ensure_domain(web.transaction, "example.org")
    web.transaction.commit()
    got = web.script().get(PATH, Host="mta-sts.Example.org")
    assert (got.status, got.fields["content-type"]) == (200, "text/plain")
    policy = read_policy(got.body)
    assert policy.mode is StsMode.ENFORCE
    assert policy.names("mail.example.org")
    for host in ("mta-sts.other.test", "example.org", "mta-sts.", "mta-sts.\xff"):
        assert web.script().get(PATH, Host=host).status == 404


def test_policy_is_not_served_unless_it_is_wanted(web: Web) -> None:
    ensure_domain(web.transaction, "example.org")
    web.transaction.commit()
    assert web.script().get(PATH, Host="mta-sts.example.org").status == 404


def test_record_changes_with_the_policy() -> None:
    ids = set()
    for mode, hostname in (("enforce", "a.test"), ("testing", "a.test"), ("enforce", "b.test")):
        record, alias, reports = own_records("example.org", mode, hostname)  # type: ignore[arg-type]
        assert record.name == "_mta-sts.example.org"
        assert alias.line == f"mta-sts.example.org. CNAME {hostname}."
        assert reports.line == '_smtp._tls.example.org. TXT "v=TLSRPTv1; rua=mailto:postmaster@example.org"'
        ids.add(policy_id([record.data.encode()]))
    assert len(ids) == 3
    assert None not in ids
    assert own_records("example.org", "off", "a.test") == ()
