"""The conclusion from the single results: is the domain of From proved, and what does it ask for otherwise."""

from __future__ import annotations

from collections.abc import Callable

from shared.trust.dkim.examine import Signatures
from shared.trust.dmarc import Published, judge, passes
from shared.trust.organisation import organisational_domain
from shared.trust.verdict import NONE, PASS, TEMPERROR, ArcVerdict, DmarcVerdict, SpfVerdict, Trust


def concluded(
    domain: str | None,
    spf: SpfVerdict,
    signatures: Signatures,
    published: Published,
    chance: Callable[[], float],
) -> Trust:
    """`domain` is From's, as author_domain() has it. The list of public suffixes must be loaded."""
    dkim = signatures.dkim
    dmarc = judge(None if domain is None else published, spf, dkim, chance)
    passing = [each.domain for each in dkim if each.result == PASS]
    if spf.result == PASS:
        passing.append(spf.domain)
    is_proved = dmarc.result == PASS
    if domain and published.record is None:
        is_proved = passes(domain, None, spf, dkim, strict=published.is_away)
    aligned = tuple(dict.fromkeys(map(organisational_domain, passing)))
    return Trust(spf, dkim, signatures.arc, dmarc, aligned, is_proved)


def unknown(sender_domain: str, helo: str) -> Trust:
    """Of a message for whose checks there was no time."""
    spf = SpfVerdict(TEMPERROR, (sender_domain or helo).lower(), of_helo=not sender_domain)
    return Trust(spf, (), ArcVerdict(NONE), DmarcVerdict(TEMPERROR, ""))
