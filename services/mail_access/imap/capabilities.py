"""The one registry of capability strings, and when each is told (RFC 3501 §7.2.1).

A string stands here only together with its tests: `tests/test_capabilities.py` looks for a transcript of every one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shared.accounts.sasl import MECHANISMS


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """The state of a connection, as far as it decides which capabilities the client is told."""

    signed_in: bool = False
    may_start_tls: bool = False
    may_sign_in: bool = False  # encrypted, or from this very host
    compressed: bool = False


@dataclass(frozen=True, slots=True)
class Capability:
    name: bytes
    told: Callable[[ConnectionState], bool]


def _always(state: ConnectionState) -> bool:
    return True


def _signed_in(state: ConnectionState) -> bool:
    return state.signed_in


def _strangers(state: ConnectionState) -> bool:
    return not state.signed_in


def _may_sign_in(state: ConnectionState) -> bool:
    return not state.signed_in and state.may_sign_in


CAPABILITIES: tuple[Capability, ...] = (
    Capability(b"IMAP4rev1", _always),
    # RFC 7888 §5 forbids both at once. A stranger's commands are tiny anyhow; a member may send messages this way.
    Capability(b"LITERAL-", _strangers),
    Capability(b"LITERAL+", _signed_in),
    Capability(b"SASL-IR", _strangers),
    Capability(b"ID", _always),
    Capability(b"ENABLE", _always),
    Capability(b"STARTTLS", lambda state: not state.signed_in and state.may_start_tls),
    Capability(b"LOGINDISABLED", lambda state: not state.signed_in and not state.may_sign_in),
    *(Capability(b"AUTH=" + mechanism.encode("ascii"), _may_sign_in) for mechanism in MECHANISMS),
    Capability(b"IDLE", _signed_in),
    Capability(b"NAMESPACE", _signed_in),
    Capability(b"CHILDREN", _signed_in),
    Capability(b"ACL", _signed_in),
    Capability(b"RIGHTS=kxte", _signed_in),  # RFC 4314 §2.2: its rights besides those of RFC 2086
    Capability(b"UNSELECT", _signed_in),
    Capability(b"UIDPLUS", _signed_in),
    Capability(b"MOVE", _signed_in),
    Capability(b"SPECIAL-USE", _signed_in),
    Capability(b"CREATE-SPECIAL-USE", _signed_in),
    Capability(b"CONDSTORE", _signed_in),
    Capability(b"ESEARCH", _signed_in),
    Capability(b"SEARCHRES", _signed_in),
    Capability(b"SORT", _signed_in),
    Capability(b"THREAD=ORDEREDSUBJECT", _signed_in),
    Capability(b"THREAD=REFERENCES", _signed_in),
    Capability(b"LIST-EXTENDED", _signed_in),
    Capability(b"LIST-STATUS", _signed_in),
    Capability(b"STATUS=SIZE", _signed_in),
    # RFC 4978 §3: offered until it is in force.
    Capability(b"COMPRESS=DEFLATE", lambda state: state.signed_in and not state.compressed),
)


def capability_words(state: ConnectionState) -> bytes:
    """The words behind CAPABILITY."""
    return b" ".join(capability.name for capability in CAPABILITIES if capability.told(state))
