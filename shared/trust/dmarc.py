"""DMARC (RFC 7489): the policy of the domain in From, and what it means for a message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from shared.bounded_cache import remembers
from shared.outbound.dns_client import NamesAway
from shared.trust.dkim.tags import BadTags, read_tags
from shared.trust.names import CheckedNames
from shared.trust.organisation import are_aligned, organisational_domain
from shared.trust.verdict import (
    FAIL,
    NONE,
    PASS,
    PERMERROR,
    QUARANTINE,
    REJECT,
    TEMPERROR,
    DkimVerdict,
    DmarcVerdict,
    SpfVerdict,
)

_POLICIES = (NONE, QUARANTINE, REJECT)


class DmarcRecord(NamedTuple):
    """A policy as it is published (§6.3)."""

    policy: str
    of_subdomains: str
    strict_dkim: bool
    strict_spf: bool
    percent: int


class Published(NamedTuple):
    """The policy that counts for a domain; `record` is None where there is none, or `is_away`."""

    domain: str
    record: DmarcRecord | None
    inherited: bool = False  # it is that of the organisation
    is_away: bool = False


async def find_policy(names: CheckedNames, domain: str) -> Published:
    """§6.6.3. The list of public suffixes must be loaded. Never raises."""
    try:
        record = _only(await names.texts(f"_dmarc.{domain}"))
        organisation = organisational_domain(domain)
        if record is not None or organisation == domain:
            return Published(domain, record)
        return Published(domain, _only(await names.texts(f"_dmarc.{organisation}")), inherited=True)
    except NamesAway:
        return Published(domain, None, is_away=True)


def _only(texts: Sequence[bytes]) -> DmarcRecord | None:
    records = [text for text in texts if text[:8].lower() == b"v=dmarc1" and text[8:].lstrip()[:1] in (b"", b";")]
    return read_record(records[0]) if len(records) == 1 else None


@remembers(most=1024)
def read_record(text: bytes) -> DmarcRecord | None:
    """None for what is no policy. Without a `p` that can be read, and with a place for reports, it is none (§6.6.3)."""
    try:
        tags = read_tags(text)
    except BadTags:
        return None
    policy = tags.get("p", b"").lower().decode("ascii", "replace")
    if policy not in _POLICIES:
        if b":" not in tags.get("rua", b""):
            return None
        policy = NONE
    below = tags.get("sp", b"").lower().decode("ascii", "replace")
    percent = tags.get("pct", b"100")
    return DmarcRecord(
        policy,
        below if below in _POLICIES else policy,
        tags.get("adkim", b"r").lower() == b"s",
        tags.get("aspf", b"r").lower() == b"s",
        min(int(percent), 100) if percent.isdigit() and len(percent) < 4 else 100,
    )


def passes(
    domain: str, record: DmarcRecord | None, spf: SpfVerdict, dkim: Sequence[DkimVerdict], *, strict: bool = False
) -> bool:
    """Whether a signature or SPF passes for a domain that is aligned with `domain` (§3.1)."""
    strict_dkim = strict or (record is not None and record.strict_dkim)
    strict_spf = strict or (record is not None and record.strict_spf)
    if spf.result == PASS and are_aligned(spf.domain, domain, strict=strict_spf):
        return True
    return any(each.result == PASS and are_aligned(each.domain, domain, strict=strict_dkim) for each in dkim)


def judge(
    published: Published | None, spf: SpfVerdict, dkim: Sequence[DkimVerdict], chance: Callable[[], float]
) -> DmarcVerdict:
    """`published` is None where From names no domain, or several: such mail is for Junk. `chance` is for pct=."""
    if published is None:
        return DmarcVerdict(PERMERROR, "", asked=QUARANTINE)
    record = published.record
    if record is None:
        return DmarcVerdict(TEMPERROR if published.is_away else NONE, published.domain)
    policy = record.of_subdomains if published.inherited else record.policy
    if passes(published.domain, record, spf, dkim):
        return DmarcVerdict(PASS, published.domain, policy)
    if spf.result == TEMPERROR or any(each.result == TEMPERROR for each in dkim):
        return DmarcVerdict(TEMPERROR, published.domain, policy)  # it may be a pass: nobody is refused for that
    asked = policy
    if record.percent < 100 and chance() * 100 >= record.percent:
        asked = QUARANTINE if policy == REJECT else NONE  # §6.6.4
    return DmarcVerdict(FAIL, published.domain, policy, asked)
