"""The DNS records of a domain: where its mail goes, who may send in its name, and by what keys it is signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from shared.outbound.dkim.keys import DomainKey

_STRING = 255  # octets of one string of a TXT record (RFC 1035 §3.3)
# The doors by the names that services have in DNS, each with its priority: the lowest is what programs should take.
# IMAP before POP3, and TLS from the first octet before STARTTLS (RFC 6186 §3.4, RFC 8314 §5.1).
MAIL_DOORS = {"submissions": 0, "submission": 10, "imaps": 0, "imap": 10, "pop3s": 20, "pop3": 30}


class DnsRecord(NamedTuple):
    """One record, to be published; of TXT `data` is the whole text."""

    name: str
    kind: str
    data: str

    @property
    def line(self) -> str:
        """As a zone's file has it; a long text in several strings."""
        data = self.data
        if self.kind == "TXT":
            pieces = [data[start : start + _STRING] for start in range(0, len(data), _STRING)]
            data = " ".join(f'"{piece}"' for piece in pieces)
        return f"{self.name}. {self.kind} {data}"


def records_of(
    domain: str, hostname: str, keys: Sequence[DomainKey], ports: Mapping[str, int | None]
) -> Sequence[DnsRecord]:
    """All that a domain should publish. Reports of DMARC go to its postmaster. `ports` are those of the doors."""
    return [
        DnsRecord(domain, "MX", f"10 {hostname}."),
        spf_record(domain),
        *dkim_records(keys),
        DnsRecord(dmarc_name(domain), "TXT", f"v=DMARC1; p=none; rua=mailto:postmaster@{domain}"),
        *service_records(domain, hostname, ports),
        DnsRecord(f"autoconfig.{domain}", "CNAME", f"{hostname}."),
    ]


def spf_record(domain: str) -> DnsRecord:
    """The hosts of its MX may send, and no other (RFC 7208 §5.4)."""
    return DnsRecord(domain, "TXT", "v=spf1 mx -all")


def dmarc_name(domain: str) -> str:
    """Where its policy is (RFC 7489 §6.1)."""
    return f"_dmarc.{domain}"


def service_records(domain: str, hostname: str, ports: Mapping[str, int | None]) -> Sequence[DnsRecord]:
    """Where programs find each mail door; of one that is closed, that there is none (RFC 6186 §3.4).

    The last is Outlook's, which asks there for `/autodiscover/autodiscover.xml`.
    """
    places = [*MAIL_DOORS.items(), ("autodiscover", 0)]
    return [
        DnsRecord(f"_{name}._tcp.{domain}", "SRV", f"{priority} 1 {port} {hostname}." if port else "0 0 0 .")
        for name, priority in places
        for port in [ports["web_tls" if name == "autodiscover" else name]]
    ]


def dkim_records(keys: Sequence[DomainKey]) -> Sequence[DnsRecord]:
    """One for each key."""
    return [DnsRecord(key.record_name, "TXT", key.record) for key in keys]
