"""The passage of one request: who makes it, where it leads, how much of it has passed, and how it ended."""

from __future__ import annotations

from services.http_proxy.gate import Gate
from services.http_proxy.request_head import RequestHead
from shared.errors import DomainError

TELL_OCTETS = 16 << 20  # what is under way is counted so often, so that a day's volume ends it, too
NOT_SAID = ""  # the host that is counted for who has not proved to be allowed anywhere: it is a stranger's text


class Passage:
    """Its exchange's until that is over, then a tunnel's if it became one. `over` is where every request ends."""

    # No slots: attributes that begin with a value of the class are not written for each request, which has most of
    # these as they begin.
    account_id: int | None = None
    is_identified = False  # signed in, or from a network that need not
    address = ""  # of the origin, once there is a connection to it
    status = 0  # once it is known: of the response that passes, or of our own
    sent = 0  # octets of the request's body, or from the client through a tunnel
    received = 0  # octets of the response's body, or from the origin through a tunnel
    tell_at = TELL_OCTETS
    _told_sent = 0
    _told_received = 0
    _entered = False  # counted among what its account has under way
    _is_over = False

    def __init__(self, gate: Gate, request: RequestHead, peer_host: str, began_at: float) -> None:
        self.request = request
        self.peer_host = peer_host
        self.began_at = began_at  # on the connection's clock, seconds
        self._gate = gate

    @property
    def host(self) -> str:
        """The host that it is counted for."""
        return self.request.host if self.is_identified else NOT_SAID

    def enter(self, account_id: int | None) -> DomainError | None:
        """It is that account's (None: who need not sign in). Why it may not be made, or None."""
        self.account_id = account_id
        self.is_identified = True
        refused = self._gate.enter(self.request.host, account_id)
        self._entered = refused is None
        return refused

    def address_refusal(self, address: str) -> DomainError | None:
        """Why it may not go to that address of its host, or None."""
        return self._gate.address_refusal(address, self.account_id)

    def tell(self) -> DomainError | None:
        """Count what has passed, each time that `tell_at` octets have. Why it must not go on, or None."""
        self.tell_at = self.sent + self.received + TELL_OCTETS
        sent, received = self.sent - self._told_sent, self.received - self._told_received
        self._told_sent, self._told_received = self.sent, self.received
        return self._gate.going_on(self.account_id, self.host, self.status, sent, received)

    def over(self) -> None:
        """It has ended, whatever way: count it, once."""
        if self._is_over:
            return
        self._is_over = True
        if self.request.authority:
            sent, received = self.sent - self._told_sent, self.received - self._told_received
            self._gate.count(self.account_id, self.host, self.status, sent, received)
            access_log = self._gate.access_log
            if access_log is not None:
                access_log.note(self)
        if self._entered:
            self._gate.leave(self.account_id)
