"""The one registry of capability strings, and when each is told (RFC 3501 §7.2.1).

A string stands here only together with its tests: `tests/test_capabilities.py` looks for a transcript of every one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shared.accounts.sasl import MECHANISMS


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a connection decides which capabilities it is told."""

    signed_in: bool = False
    may_start_tls: bool = False
    may_sign_in: bool = False  # encrypted, or from this very host
    compressed: bool = False


@dataclass(frozen=True, slots=True)
class Capability:
    name: bytes
    told: Callable[[Standing], bool]


def _always(standing: Standing) -> bool:
    return True


def _signed_in(standing: Standing) -> bool:
    return standing.signed_in


def _strangers(standing: Standing) -> bool:
    return not standing.signed_in


def _may_sign_in(standing: Standing) -> bool:
    return not standing.signed_in and standing.may_sign_in


CAPABILITIES: tuple[Capability, ...] = (
    Capability(b"IMAP4rev1", _always),
    # RFC 7888 §5 forbids both at once. A stranger's commands are tiny anyhow; a member may send messages this way.
    Capability(b"LITERAL-", _strangers),
    Capability(b"LITERAL+", _signed_in),
    Capability(b"SASL-IR", _strangers),
    Capability(b"ID", _always),
    Capability(b"ENABLE", _always),
    Capability(b"STARTTLS", lambda standing: not standing.signed_in and standing.may_start_tls),
    Capability(b"LOGINDISABLED", lambda standing: not standing.signed_in and not standing.may_sign_in),
    *(Capability(b"AUTH=" + mechanism.encode("ascii"), _may_sign_in) for mechanism in MECHANISMS),
    Capability(b"IDLE", _signed_in),
    Capability(b"NAMESPACE", _signed_in),
    Capability(b"CHILDREN", _signed_in),
    Capability(b"UNSELECT", _signed_in),
    Capability(b"UIDPLUS", _signed_in),
    Capability(b"MOVE", _signed_in),
    Capability(b"SPECIAL-USE", _signed_in),
    Capability(b"CREATE-SPECIAL-USE", _signed_in),
    Capability(b"CONDSTORE", _signed_in),
    Capability(b"ESEARCH", _signed_in),
    Capability(b"SEARCHRES", _signed_in),
    Capability(b"LIST-EXTENDED", _signed_in),
    Capability(b"LIST-STATUS", _signed_in),
    Capability(b"STATUS=SIZE", _signed_in),
    # RFC 4978 §3: offered until it is in force.
    Capability(b"COMPRESS=DEFLATE", lambda standing: standing.signed_in and not standing.compressed),
)


def capability_words(standing: Standing) -> bytes:
    """The words behind CAPABILITY."""
    return b" ".join(capability.name for capability in CAPABILITIES if capability.told(standing))
