"""Domains: mail for them is taken and kept, mail for others is refused; mail of theirs is signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.database.transaction import Transaction
from shared.mail import domains
from shared.mail.address import domain_name
from shared.mail.domains import list_domains
from shared.mail.errors import DomainNotLocal, ForwardsLeadThere
from shared.mail.forwards import leading_to
from shared.outbound.dkim.keys import NewDomainKey, domains_without_keys, keep_keys, keys_of, make_keys
from shared.outbound.dkim.records import DnsRecord, dkim_records, dmarc_name, records_of, service_records
from shared.outbound.mta_sts.own_policy import own_records, reports_name
from shared.outbound.mta_sts.settings import OwnMode

__all__ = [
    "DnsRecord",
    "dkim_records",
    "dmarc_name",
    "domains_without_keys",
    "keep_keys",
    "keys_of",
    "list_domains",
    "make_keys",
    "reports_name",
    "service_records",
]


def add(tx: Transaction, domain: str, keys: Sequence[NewDomainKey] = ()) -> str:
    """Keep mail for `domain` from now on, with `keys` if it has none; returns its spelling.

    Raises BadAddress; ForwardsLeadThere where addresses here lead to it as to one elsewhere.
    """
    leads_there = leading_to(tx, domain_name(domain))
    if leads_there is not None:
        raise ForwardsLeadThere(leads_there)
    name = domains.ensure_domain(tx, domain)
    if keys:
        keep_keys(tx, name, keys)
    return name


def dns(
    tx: Transaction, domain: str, hostname: str, ports: Mapping[str, int | None], policy: OwnMode = "off"
) -> Sequence[DnsRecord]:
    """The records that `domain` should publish; `ports` are public, `policy` is about TLS.

    Raises BadAddress, DomainNotLocal.
    """
    name = domain_name(domain)
    if name not in list_domains(tx):
        raise DomainNotLocal
    return [*records_of(name, hostname, keys_of(tx, name), ports), *own_records(name, policy, hostname)]


def delete(tx: Transaction, domain: str) -> None:
    """No longer keep mail for `domain`. Raises DomainNotLocal, DomainInUse while there are addresses in it."""
    domains.delete_domain(tx, domain)
