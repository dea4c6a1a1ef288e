"""The policy of the domains here (MTA-STS): its text, and the records that lead to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from hashlib import blake2b

from shared.outbound.dkim.records import DnsRecord
from shared.outbound.mta_sts.settings import OwnMode

# RFC 8461 §3.2 wants weeks or more. What is only tried out should be forgotten soon.
KEPT = {"enforce": timedelta(days=14), "testing": timedelta(days=1)}


def own_policy(mode: OwnMode, hostname: str) -> str:
    """The text of the policy that mail comes to `hostname` only; "" where there is none."""
    if mode == "off":
        return ""
    seconds = int(KEPT[mode].total_seconds())
    return f"version: STSv1\r\nmode: {mode}\r\nmx: {hostname}\r\nmax_age: {seconds}\r\n"


def own_records(domain: str, mode: OwnMode, hostname: str) -> Sequence[DnsRecord]:
    """What `domain` publishes of it. The id is made of the policy, so that it changes with it."""
    policy = own_policy(mode, hostname)
    if not policy:
        return ()
    number = blake2b(policy.encode(), digest_size=10).hexdigest()
    return (
        DnsRecord(f"_mta-sts.{domain}", "TXT", f"v=STSv1; id={number};"),
        DnsRecord(f"mta-sts.{domain}", "CNAME", f"{hostname}."),
        DnsRecord(reports_name(domain), "TXT", f"v=TLSRPTv1; rua=mailto:postmaster@{domain}"),
    )


def reports_name(domain: str) -> str:
    """Where `domain` says who is sent the reports of other servers about TLS to it (RFC 8460 §3).

    They come once a day, as mail for people: nothing here reads them.
    """
    return f"_smtp._tls.{domain}"
