"""The rules, limits and counts of shared/access, as one request meets them."""

from __future__ import annotations

from services.http_proxy.access_log import AccessLog
from services.http_proxy.counts import ProxyCounts
from shared.access.limits.allowance import Allowance
from shared.access.rulebook import Rulebook
from shared.access.usage.usage import Usage
from shared.access.words.observer import Observer
from shared.access.words.words import Words
from shared.errors import DomainError


class Gate:
    """Decides about each request before it is sent, and counts it when it is over.

    All of it is quick, and none of it waits.
    """

    __slots__ = ("_allowance", "_rulebook", "_usage", "_words", "access_log", "counts")

    def __init__(self, rulebook: Rulebook, allowance: Allowance, usage: Usage, words: Words) -> None:
        self._rulebook = rulebook
        self._allowance = allowance
        self._usage = usage
        self._words = words
        self.counts = ProxyCounts()
        self.access_log: AccessLog | None = None  # off, unless the operator wants it

    def enter(self, host: str, account_id: int | None) -> DomainError | None:
        """The error if this request may not be made; else None: it is counted, and `leave` must be called."""
        refused = self._rulebook.rules.refusal(host, account_id)
        if refused is not None:
            return refused()
        return self._allowance.take(account_id) or self._allowance.enter(account_id)

    def address_refusal(self, address: str, account_id: int | None) -> DomainError | None:
        """The error if the request may not go to that address of the host, else None."""
        refused = self._rulebook.rules.address_refusal(address, account_id)
        return None if refused is None else refused()

    def going_on(
        self, account_id: int | None, host: str, status: int, octets_in: int, octets_out: int
    ) -> DomainError | None:
        """Count octets of a long transfer, from and to the client. Returns the error if it must end now, else None."""
        counts = self.counts
        counts.octets_in += octets_in
        counts.octets_out += octets_out
        self._usage.count(account_id, host, status, octets_in, octets_out, requests=0)
        return self._allowance.may_go_on(account_id)

    def count(self, account_id: int | None, host: str, status: int, octets_in: int, octets_out: int) -> None:
        """Count a request that is over or was refused: `octets_in` came from the client, `octets_out` went to it."""
        counts = self.counts
        counts.statuses[status] += 1
        counts.octets_in += octets_in
        counts.octets_out += octets_out
        self._usage.count(account_id, host, status, octets_in, octets_out)

    def leave(self, account_id: int | None) -> None:
        """A request that `enter` has counted is over."""
        self._allowance.leave(account_id)

    def reader(
        self, account_id: int | None, host: str, content_type: bytes, content_encoding: bytes
    ) -> Observer | None:
        """An observer for the document that begins."""
        return self._words.observe(account_id, host, content_type, content_encoding)
