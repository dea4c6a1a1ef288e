"""The rules about senders as they stood at one revision: whether a client may send in a name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from shared.access.rules.network_keys import NetworkKey, covering_keys, lengths_of, network_key
from shared.access.rules.rules import RuleKind
from shared.bounded_cache import ENTRY_OCTETS, BoundedCache
from shared.mail.address import address_of
from shared.mail.errors import BadAddress
from shared.mail.mailbox import Mailbox
from shared.senders.rule_name import is_network

VERDICTS_OCTETS = 2 << 20  # some 2,600 senders, each with the address that it came from
LONGEST_REMEMBERED = 100  # characters of a sender; nearly all are shorter
NOT_BLOCKED = ""


class SenderRules:
    """All rules at one revision; never changed, only replaced.

    The longest rule decides, for the sender and for the client's network apart: an address goes before its domain, a
    domain before those above it, a smaller network before a larger one. Where one of the two is allowed, the other's
    block does not count.
    """

    __slots__ = ("_lengths", "_names", "_networks", "_verdicts", "revision")

    def __init__(self, kinds: Mapping[str, RuleKind], revision: int = 0) -> None:
        """`kinds`: by name, as `sender_rule_name()` spells it."""
        self._names = {name: kind for name, kind in kinds.items() if not is_network(name)}
        self._networks: dict[NetworkKey, tuple[RuleKind, str]] = {
            network_key(name): (kind, name) for name, kind in kinds.items() if is_network(name)
        }
        self._lengths = lengths_of(self._networks)
        self._verdicts: BoundedCache[tuple[str, str], str] = BoundedCache(VERDICTS_OCTETS, _weight)
        self.revision = revision

    def __len__(self) -> int:
        return len(self._names) + len(self._networks)

    def blocking(self, sender: Mailbox, host: str) -> str:
        """The name of the rule that keeps `host`, an address, from sending as `sender`; NOT_BLOCKED if none does.

        Of the null sender, which has no address, only the network counts.
        """
        if not self._names and not self._networks:
            return NOT_BLOCKED
        key = sender.text, host
        verdict = self._verdicts.get(key)
        if verdict is None:
            verdict = self._judge(sender, host)
            if len(sender.text) <= LONGEST_REMEMBERED:
                self._verdicts.put(key, verdict)
        return verdict

    def allowing(self, sender: Mailbox, host: str) -> Sequence[str]:
        """The names of the rules by which `sender` and the network of `host`, an address, are allowed."""
        decisions = self._of_sender(sender), self._of_network(host)
        return [name for kind, name in filter(None, decisions) if kind is RuleKind.ALLOW]

    def _judge(self, sender: Mailbox, host: str) -> str:
        decisions = [each for each in (self._of_sender(sender), self._of_network(host)) if each is not None]
        if any(kind is RuleKind.ALLOW for kind, _ in decisions):
            return NOT_BLOCKED
        return decisions[0][1] if decisions else NOT_BLOCKED

    def _of_sender(self, sender: Mailbox) -> tuple[RuleKind, str] | None:
        for name in _covering(sender):
            kind = self._names.get(name)
            if kind is not None:
                return kind, name
        return None

    def _of_network(self, host: str) -> tuple[RuleKind, str] | None:
        try:
            for key in covering_keys(host.partition("%")[0], self._lengths):  # fe80::1%eth0
                if key in self._networks:
                    return self._networks[key]
        except ValueError:  # a socket's path
            pass
        return None


def _covering(sender: Mailbox) -> Iterator[str]:
    """The names of all rules that would cover the sender, the longest first."""
    try:
        address = address_of(sender.local_part, sender.domain)
    except BadAddress:  # the null sender, or a domain that no rule can name
        return
    yield str(address)
    yield f"{address.base}@{address.domain}"  # bounces+alice=example.org@x.test is bounces@x.test's
    labels = address.domain
    while labels:
        yield f"@{labels}"
        labels = "" if labels.startswith("[") else labels.partition(".")[2]


def _weight(_verdict: str) -> int:
    return 2 * ENTRY_OCTETS + 4 * LONGEST_REMEMBERED  # two texts as the key; a character has four octets at most
