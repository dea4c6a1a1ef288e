"""A SASL exchange (RFC 4422) as the doors see it, whatever the mechanism."""

from __future__ import annotations

from shared.accounts.account import Account
from shared.accounts.errors import SaslProtocolError

# What a door may advertise, the strongest first; the last two over TLS only, or to this host. LOGIN, which never became
# an RFC, is for old programs that know nothing else.
MECHANISMS = ("SCRAM-SHA-256", "PLAIN", "LOGIN")

# A name, an authorization identity and a password at their longest, with room to spare. Far more than any honest client
# sends; far less than would hurt.
LONGEST_RESPONSE_OCTETS = 4096


class SaslExchange:
    """One attempt to sign in by SASL. An exchange that the client cancels is just dropped.

    A door hands over what the client sent, decoded from base64, and sends the client what `step` returns, encoded:

        outcome = await exchange.step(initial_response)  # None: there was none; b"": it was empty ("=")
        while isinstance(outcome, bytes):
            outcome = await exchange.step(await ask_client(outcome))
    """

    async def step(self, response: bytes | None) -> bytes | Account:
        """The next challenge, or the account that is now signed in.

        Raises SaslProtocolError for a response that is not what the mechanism says, other SignInFailed,
        StoreUnavailable; after any of them the exchange is over.
        """
        if response is not None and len(response) > LONGEST_RESPONSE_OCTETS:
            raise SaslProtocolError
        return await self.answer(response)

    async def answer(self, response: bytes | None) -> bytes | Account:
        """A mechanism's own step; `response` is of bounded size."""
        raise NotImplementedError


def decode(octets: bytes) -> str:
    """Names and passwords are UTF-8 in every mechanism here. Raises SaslProtocolError."""
    try:
        return octets.decode()
    except UnicodeDecodeError:
        raise SaslProtocolError from None
