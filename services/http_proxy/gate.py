"""The rules, limits and counts of shared/access, as one request meets them."""

from __future__ import annotations

from typing import Protocol

from services.http_proxy.counts import ProxyCounts
from services.http_proxy.request_head import RequestHead
from shared.errors import DomainError


class Rules(Protocol):
    """See shared/access/rules.py."""

    def refusal(self, host: str, account_id: int | None) -> type[DomainError] | None:
        """Why the account may not go there, or None."""

    def address_refusal(self, address: str, account_id: int | None) -> type[DomainError] | None:
        """The same for where the host's name leads."""


class Rulebook(Protocol):
    """See shared/access/rulebook.py."""

    @property
    def rules(self) -> Rules:
        """The newest that are known."""


class Allowance(Protocol):
    """See shared/access/limits.py."""

    def take(self, account_id: int | None) -> DomainError | None:
        """Count one request; why it may not be made, or None."""

    def may_go_on(self, account_id: int | None) -> DomainError | None:
        """Why something long must not go on, or None."""

    def enter(self, account_id: int | None) -> DomainError | None:
        """One more at the same time: why not, or None and `leave` is owed."""

    def leave(self, account_id: int | None) -> None:
        """One less."""


class Usage(Protocol):
    """See shared/access/usage.py."""

    def count(
        self, account_id: int | None, host: str, status: int, octets_in: int, octets_out: int, requests: int = 1
    ) -> None:
        """Note one request or tunnel that is over, or some octets, from and to the client, of one that goes on."""


class Observer(Protocol):
    """Who reads a document along."""

    def feed(self, data: bytes) -> None:
        """The next octets of it."""

    def end(self, complete: bool) -> None:
        """No more will come."""


class Words(Protocol):
    """See shared/access/words.py."""

    def observe(
        self, account_id: int | None, host: str, content_type: bytes, content_encoding: bytes
    ) -> Observer | None:
        """Who wants to read the document that begins, if anybody does."""


class Passed(Protocol):
    """A request that is over; see passage.py."""

    request: RequestHead
    peer_host: str
    account_id: int | None
    began_at: float
    address: str
    status: int
    received: int


class AccessLog(Protocol):
    """See access_log.py."""

    def note(self, passage: Passed) -> None:
        """The request is over."""


class Gate:
    """Asked before a request leaves, told when it is over. All of it is quick, and none of it waits."""

    __slots__ = ("_allowance", "_rulebook", "_usage", "_words", "access_log", "counts")

    def __init__(self, rulebook: Rulebook, allowance: Allowance, usage: Usage, words: Words) -> None:
        self._rulebook = rulebook
        self._allowance = allowance
        self._usage = usage
        self._words = words
        self.counts = ProxyCounts()
        self.access_log: AccessLog | None = None  # off, unless the operator wants it

    def enter(self, host: str, account_id: int | None) -> DomainError | None:
        """Why this request may not be made; otherwise it is counted, and `leave` is owed."""
        refused = self._rulebook.rules.refusal(host, account_id)
        if refused is not None:
            return refused()
        return self._allowance.take(account_id) or self._allowance.enter(account_id)

    def address_refusal(self, address: str, account_id: int | None) -> DomainError | None:
        """Why it may not go to that address of the host."""
        refused = self._rulebook.rules.address_refusal(address, account_id)
        return None if refused is None else refused()

    def going_on(
        self, account_id: int | None, host: str, status: int, octets_in: int, octets_out: int
    ) -> DomainError | None:
        """Count octets of something long, from and to the client. Why it must end now, or None."""
        counts = self.counts
        counts.octets_in += octets_in
        counts.octets_out += octets_out
        self._usage.count(account_id, host, status, octets_in, octets_out, requests=0)
        return self._allowance.may_go_on(account_id)

    def count(self, account_id: int | None, host: str, status: int, octets_in: int, octets_out: int) -> None:
        """A request is over, or was refused: `octets_in` came from the client, `octets_out` went there."""
        counts = self.counts
        counts.statuses[status] += 1
        counts.octets_in += octets_in
        counts.octets_out += octets_out
        self._usage.count(account_id, host, status, octets_in, octets_out)

    def leave(self, account_id: int | None) -> None:
        """What `enter` let in is over."""
        self._allowance.leave(account_id)

    def reader(
        self, account_id: int | None, host: str, content_type: bytes, content_encoding: bytes
    ) -> Observer | None:
        """Who reads the document that begins along."""
        return self._words.observe(account_id, host, content_type, content_encoding)
