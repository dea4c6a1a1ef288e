"""The treatment of mail from strangers: whose mail is checked, and what becomes of mail that fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shared.ip_network import Network, is_in_one_of
from shared.trust.checks import Checks
from shared.trust.settings import Unproved
from shared.trust.verdict import QUARANTINE, REJECT, Trust


class Strangers(NamedTuple):
    """The checks, and what the operator has chosen."""

    checks: Checks
    policy: Unproved
    own_networks: Sequence[Network]

    def concern(self, host: str) -> bool:
        """Whether mail from the address `host` is checked."""
        return not is_in_one_of(self.own_networks, host)

    def refuse(self, trust: Trust) -> bool:
        return self.policy is Unproved.REFUSE and trust.asked == REJECT

    def suspect(self, trust: Trust) -> bool:
        """Whether the message is for Junk, unless it is refused; what is refused is suspect, too."""
        return self.policy in (Unproved.JUNK, Unproved.REFUSE) and trust.asked in (QUARANTINE, REJECT)
