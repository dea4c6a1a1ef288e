"""The keys of what lock-out counts: `agora:lockout:KIND|NETWORK|ACCOUNT`."""

from __future__ import annotations

from dataclasses import dataclass

PREFIX = "agora:lockout:"

LOCK = "lock"  # when it ends, in milliseconds since 1970
LEVEL = "level"  # how many locks there were lately
FAILURES = "failures"  # since the last lock, lately
STRANGERS = "strangers"  # failures for an account from networks that it never signed in from
TURN = "turn"  # a slot of time in which one stranger may try
FAMILIAR = "familiar"  # since when, in seconds since 1970, an account is signed in to from a network


@dataclass(frozen=True, slots=True)
class LockoutPlace:
    """The subject of a count: an account at a network, a whole network (no account), or an account (no network)."""

    network: str = ""
    account: str = ""

    def key(self, kind: str) -> str:
        return f"{PREFIX}{kind}|{self.network}|{self.account}"


def place_of(key: str) -> tuple[str, LockoutPlace]:
    """The kind and the place that a key was made of."""
    kind, network, account = key.removeprefix(PREFIX).split("|", 2)
    return kind, LockoutPlace(network, account)
