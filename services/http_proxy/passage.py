"""The passage of one request: who makes it, where it leads, how much of it has passed, and how it ended."""

from __future__ import annotations

from services.http_proxy.gate import Gate
from services.http_proxy.request_head import RequestHead
from shared.errors import DomainError

COUNT_EVERY_OCTETS = 16 << 20  # of a transfer under way, so that the limit of a day can end it
# The host that is counted for a client that has not signed in: the host in its request is a stranger's text.
NOT_SAID = ""


class Passage:
    """Its exchange's until that is over, then a tunnel's if it became one. `over` is where every request ends."""

    __slots__ = (
        "_counted_received", "_counted_sent", "_entered", "_gate", "_is_over", "account_id", "address", "began_at",
        "count_at", "is_identified", "peer_host", "received", "request", "sent", "status",
    )  # fmt: skip

    def __init__(self, gate: Gate, request: RequestHead, peer_host: str, began_at: float) -> None:
        self.request = request
        self.peer_host = peer_host
        self.began_at = began_at  # on the connection's clock, seconds
        self.account_id: int | None = None
        self.is_identified = False  # signed in, or from a network that need not
        self.address = ""  # of the origin, once there is a connection to it
        self.status = 0  # once it is known: of the response that passes, or of our own
        self.sent = 0  # octets of the request's body, or from the client through a tunnel
        self.received = 0  # octets of the response's body, or from the origin through a tunnel
        self.count_at = COUNT_EVERY_OCTETS
        self._counted_sent = 0
        self._counted_received = 0
        self._gate = gate
        self._entered = False  # counted among what its account has under way
        self._is_over = False

    @property
    def host(self) -> str:
        """The host that it is counted for."""
        return self.request.host if self.is_identified else NOT_SAID

    def enter(self, account_id: int | None) -> DomainError | None:
        """The request is that account's (None: it need not sign in).

        Returns the error if it may not be made, else None.
        """
        self.account_id = account_id
        self.is_identified = True
        refused = self._gate.enter(self.request.host, account_id)
        self._entered = refused is None
        return refused

    def address_refusal(self, address: str) -> DomainError | None:
        """The error if it may not go to that address of its host, else None."""
        return self._gate.address_refusal(address, self.account_id)

    def count_so_far(self) -> DomainError | None:
        """Count the octets so far, each time that `count_at` more have passed.

        Returns the error if it must not go on, else None.
        """
        self.count_at = self.sent + self.received + COUNT_EVERY_OCTETS
        sent, received = self.sent - self._counted_sent, self.received - self._counted_received
        self._counted_sent, self._counted_received = self.sent, self.received
        return self._gate.going_on(self.account_id, self.host, self.status, sent, received)

    def over(self) -> None:
        """The request has ended, in whatever way: count it, once."""
        if self._is_over:
            return
        self._is_over = True
        if self.request.authority:
            sent, received = self.sent - self._counted_sent, self.received - self._counted_received
            self._gate.count(self.account_id, self.host, self.status, sent, received)
            access_log = self._gate.access_log
            if access_log is not None:
                access_log.note(self)
        if self._entered:
            self._gate.leave(self.account_id)
