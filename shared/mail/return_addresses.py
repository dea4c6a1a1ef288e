"""The return addresses of a process: made for what is forwarded, and read when a bounce comes to one (srs.py)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from shared.accounts.read_credentials import read_installation_secret
from shared.database.database import Database
from shared.folders.errors import QuotaExceeded
from shared.mail.address import address_of
from shared.mail.errors import (
    AddressNotFound,
    BadAddress,
    DomainNotLocal,
    RecipientDisabled,
    ReportsOnly,
    ReturnAddressForged,
)
from shared.mail.mailbox import Mailbox
from shared.mail.resolve import ForwardTarget, Resolver, ReturnTarget, Targets
from shared.mail.srs import first_sender, return_address


class ReturnAddresses:
    """Their code is made with the secret of the installation, which is in the store: every process reads them."""

    def __init__(self, database: Database, resolver: Resolver, mail_domain: str, now: Callable[[], datetime]) -> None:
        """`now` gives aware times."""
        self._database = database
        self._resolver = resolver
        self._mail_domain = mail_domain
        self._now = now
        self._secret: bytes | None = None

    async def of(self, sender: Mailbox) -> str | None:
        """The envelope's sender for what `sender` sent and what is forwarded; None where `sender` itself may stay.

        The null sender stays, and so does one of a domain that is kept here. Raises StoreUnavailable,
        StatementTimedOut.
        """
        if not sender.local_part:
            return None
        try:
            await self._resolver.resolve(sender.local_part, sender.domain)
        except BadAddress:
            return ""  # no bounce could ever be sent there
        except (AddressNotFound, RecipientDisabled, QuotaExceeded):
            return None
        except DomainNotLocal:
            return await self._made(sender)
        return None

    async def _made(self, sender: Mailbox) -> str:
        return return_address(sender, self._mail_domain, await self._read_secret(), self._now()).text

    async def led_back(self, local_part: str, sender: Mailbox) -> Targets:
        """Where mail from `sender` for a return address goes: to the first sender, if it is a report.

        Raises ReportsOnly, ReturnAddressForged, ReturnAddressExpired, Resolver.resolve()'s errors.
        """
        if sender.local_part:
            raise ReportsOnly
        first = first_sender(local_part, await self._read_secret(), self._now())
        with suppress(DomainNotLocal):
            targets = await self._resolver.resolve(first.local_part, first.domain)
            if isinstance(targets[0], ReturnTarget):  # one of a domain that is kept here since: it leads no further
                raise ReturnAddressForged
            return targets
        return (ForwardTarget(first.text, address_of(first.local_part, first.domain).domain),)

    async def _read_secret(self) -> bytes:
        if self._secret is None:
            self._secret = await self._database.read(read_installation_secret)
        return self._secret
