"""The order of messages of a key exchange (RFC 4253 §7), which conch does not check; strict where the client is.

A message at a wrong moment ends the connection: conch would take a second reply to one offer, or keys without an
exchange. With a strict client (OpenSSH's PROTOCOL §1.9) nothing but the exchange itself may come before the first keys.
"""

from __future__ import annotations

from twisted.conch.ssh.transport import MSG_DISCONNECT, MSG_KEXINIT, MSG_NEWKEYS

FIRST_OF_METHOD, LAST_OF_METHOD = 30, 49  # RFC 4250 §4.1.1
ALWAYS = range(1, 5)  # DISCONNECT, IGNORE, UNIMPLEMENTED, DEBUG
# Every exchange costs 2 ms. Clients begin one each hour or gigabyte (RFC 4253 §9): 10 at once, then one a minute.
FREE_EXCHANGES = 10
SECONDS_FOR_ANOTHER = 60.0


class OutOfOrder(Exception):
    """A message came when it may not; the text says which, for the client."""


class KeyExchangeOrder:
    """Where the exchange of one connection stands."""

    def __init__(self, now: float) -> None:
        self.strict = False
        self.begun = 0  # exchanges
        self._since = now
        self._expected: str | None = None  # "method", "keys"; None: no exchange is under way
        self._first_keys = False

    @property
    def has_keys(self) -> bool:
        """Whether the first exchange is over."""
        return self._first_keys

    def check(self, message: int, now: float) -> None:
        """`message` is about to be handled. Raises OutOfOrder."""
        if message == MSG_KEXINIT:
            self._begin(now)
        elif FIRST_OF_METHOD <= message <= LAST_OF_METHOD:
            if self._expected != "method":
                raise OutOfOrder("no key exchange is under way")
        elif message == MSG_NEWKEYS:
            if self._expected != "keys":
                raise OutOfOrder("NEWKEYS without a key exchange")
        elif self.has_keys and self._expected is None:
            return
        elif message not in ALWAYS or (self.strict and not self.has_keys and message != MSG_DISCONNECT):
            raise OutOfOrder(f"message {message} in a key exchange")

    def replied(self) -> None:
        """Our half of the method is sent: the client's NEWKEYS is next."""
        self._expected = "keys"

    def ended(self) -> None:
        """The client's NEWKEYS has come."""
        self._expected = None
        self._first_keys = True

    def _begin(self, now: float) -> None:
        if self._expected is not None:
            raise OutOfOrder("KEXINIT in a key exchange")
        if self.begun >= FREE_EXCHANGES + (now - self._since) // SECONDS_FOR_ANOTHER:
            raise OutOfOrder("too many key exchanges")
        self.begun += 1
        self._expected = "method"
