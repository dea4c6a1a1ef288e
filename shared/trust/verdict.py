"""The results of the checks of a message, and what may be concluded from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shared.trust.organisation import organisational_domain

# The words of RFC 8601 §2.7.
PASS, FAIL, SOFTFAIL, NEUTRAL, NONE, POLICY = "pass", "fail", "softfail", "neutral", "none", "policy"
TEMPERROR, PERMERROR = "temperror", "permerror"
# What a sender's domain asks for, for mail that fails (RFC 7489 §6.3).
QUARANTINE, REJECT = "quarantine", "reject"


class SpfVerdict(NamedTuple):
    """Whether the client may send for the domain of the envelope's sender, or where that is null, of HELO."""

    result: str
    domain: str
    of_helo: bool = False


class DkimVerdict(NamedTuple):
    """One signature. `reason` is in our own words, "" where it passes; the other texts are ASCII without blanks."""

    result: str
    domain: str
    selector: str = ""
    algorithm: str = ""
    signature: str = ""  # its first characters, which tell it from others (RFC 6008)
    reason: str = ""


class ArcVerdict(NamedTuple):
    """The chain of those who passed the message on: none, pass or fail; temperror where their keys are unknown."""

    result: str
    sealer: str = ""  # the domain of the last of them
    reason: str = ""


class DmarcVerdict(NamedTuple):
    """Whether the domain of From is proved by its own policy. `asked` is for a message that fails."""

    result: str
    domain: str
    published: str = ""  # the policy that is in DNS, as none, quarantine or reject
    asked: str = NONE


class Trust(NamedTuple):
    """What is known of who sent a message."""

    spf: SpfVerdict
    dkim: Sequence[DkimVerdict]
    arc: ArcVerdict
    dmarc: DmarcVerdict
    aligned: Sequence[str] = ()  # organisational domains that a passing signature or SPF stands for
    is_proved: bool = False  # the domain of From, by DMARC, or where it has no policy, by an aligned DKIM or SPF

    @property
    def domain(self) -> str:
        """The domain of From, in A-labels; "" where there is none, or more than one."""
        return self.dmarc.domain

    def proves(self, domain: str) -> bool:
        """Whether a passing signature or SPF stands for `domain` (in lower case and A-labels), as far as it is known.

        That of From is proved by its own policy, which may be stricter.
        """
        if domain == self.domain:
            return self.is_proved
        return bool(domain) and organisational_domain(domain) in self.aligned

    def proves_envelope(self, domain: str) -> bool:
        """Whether SPF passes for `domain`, which is MAIL FROM's, or a signature of it or of a domain above it.

        `domain` is in lower case and A-labels. proves() asks for less: one that shares the organisation.
        """
        if self.spf.result == PASS and not self.spf.of_helo and self.spf.domain == domain:
            return True
        return any(each.result == PASS and f".{domain}".endswith(f".{each.domain}") for each in self.dkim)

    @property
    def asked(self) -> str:
        """What should become of the message: NONE, QUARANTINE or REJECT.

        A domain without DMARC whose SPF says -all asks that mail be refused which is not proved otherwise.
        """
        if self.is_proved or self.dmarc.asked != NONE:
            return NONE if self.is_proved else self.dmarc.asked
        return REJECT if self.dmarc.result == NONE and self.spf.result == FAIL else NONE

    @property
    def word(self) -> str:
        """For the log: pass, fail or none."""
        if self.is_proved:
            return PASS
        return FAIL if self.dmarc.result in (FAIL, PERMERROR) or self.asked != NONE else NONE


# Of mail that is not checked: it comes from a member, or from one of our own networks.
UNCHECKED = Trust(SpfVerdict(NONE, ""), (), ArcVerdict(NONE), DmarcVerdict(NONE, ""))
