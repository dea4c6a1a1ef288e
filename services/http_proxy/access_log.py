"""The access log, off unless the operator wants it: a line for each request in Squid's native format.

https://wiki.squid-cache.org/Features/LogFormat: time, milliseconds, client, result/status, octets to the client,
method, URL, account, way/address of the site, media type (`-`: not noted). Of a URL only the host is written, unless
paths are asked for; a query never is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from services.http_proxy.request_head import RequestHead
from shared.runtime.gathered_log import GatheredLog
from shared.runtime.log_file import LogFile

LONGEST_PATH = 1024  # characters: a head may have 64 KiB of it
CLIENT_LEFT = 499
_OUR_REFUSALS = frozenset({403, 407, 429})


class Passed(Protocol):
    """A request that is over; see passage.py."""

    request: RequestHead
    peer_host: str
    account_id: int | None
    began_at: float
    address: str
    status: int
    received: int


class AccessLog(GatheredLog):
    """Writes to `file`; `name_of` tells an account's name by its number."""

    def __init__(self, file: LogFile, clock: Any, name_of: Callable[[int], str | None], *, paths: bool) -> None:
        super().__init__(file, clock)
        self._name_of = name_of
        self._paths = paths

    def note(self, passage: Passed) -> None:
        """The request is over."""
        now = self._clock.seconds()
        request, account_id, address = passage.request, passage.account_id, passage.address
        user = "-" if account_id is None else self._name_of(account_id) or str(account_id)
        way = f"HIER_DIRECT/{address}" if address else "HIER_NONE/-"
        line = (
            f"{now:.3f} {int((now - passage.began_at) * 1000):6d} {passage.peer_host}"
            f" {_result(passage)}/{passage.status:03d} {passage.received} {request.method.decode('ascii')}"
            f" {self._url(passage)} {user} {way} -\n"
        )
        self.add(line)

    def _url(self, passage: Passed) -> str:
        request = passage.request
        if request.method == b"CONNECT":
            return request.authority.decode("ascii", "backslashreplace")
        if not self._paths:
            return f"http://{request.authority.decode('ascii', 'backslashreplace')}/"
        path, query, _ = request.path.partition(b"?")
        shown = path[:LONGEST_PATH].decode("ascii", "backslashreplace") + ("?" if query else "")
        return f"http://{request.authority.decode('ascii', 'backslashreplace')}{shown}"


def _result(passage: Passed) -> str:
    if passage.status == CLIENT_LEFT:
        return "TCP_MISS_ABORTED"
    if passage.address:
        return "TCP_TUNNEL" if passage.request.method == b"CONNECT" else "TCP_MISS"
    return "TCP_DENIED" if passage.status in _OUR_REFUSALS else "NONE"
