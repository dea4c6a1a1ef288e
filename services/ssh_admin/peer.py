"""A client as the services of its connection see it: its transport."""

from __future__ import annotations

from typing import Any, Protocol

from services.ssh_admin.parts import SshParts
from shared.accounts.account import Account


class SshPeer(Protocol):
    """The transport of one connection (transport.py)."""

    parts: SshParts
    peer_host: str
    account: Account | None
    by_app_password: bool
    attempts: int
    offers: int
    commands: int
    congested: bool
    sessionID: bytes | None

    @property
    def is_over(self) -> bool:
        """Whether nothing more is said."""

    def sendPacket(self, messageType: int, payload: bytes) -> None:
        """Send a packet."""

    def setService(self, service: Any) -> None:
        """Give `service` the packets from here on."""

    def signed_in(self, account: Account) -> None:
        """`account` has proved who it is."""

    def active(self) -> None:
        """Something was typed or shown."""

    def alive(self) -> None:
        """The client's program has answered."""

    def end(self, code: int, reason: str) -> None:
        """Say why, and close."""

    def shut_out(self) -> None:
        """The account may not be here any more."""
