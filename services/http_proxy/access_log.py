"""The access log, off unless the operator wants it: a line for each request in Squid's native format.

https://wiki.squid-cache.org/Features/LogFormat: time, milliseconds, client, result/status, octets to the client,
method, URL, account, way/address of the site, media type (`-`: not noted). Of a URL only the host is written, unless
paths are asked for; a query never is.

Lines are written together, twice a second or 64 KiB at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from twisted.logger import Logger

from services.http_proxy.request_head import RequestHead
from shared.runtime.log_file import LogFile

GATHERED_SECONDS = 0.5  # as much is lost if the process is killed
GATHERED_CHARACTERS = 64 * 1024
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


class AccessLog:
    """Writes to `file`; `name_of` tells an account's name by its number."""

    _log = Logger()

    def __init__(self, file: LogFile, clock: Any, name_of: Callable[[int], str | None], *, paths: bool) -> None:
        self._file = file
        self._clock = clock
        self._name_of = name_of
        self._paths = paths
        self._lines: list[str] = []
        self._characters = 0
        self._flush_due: Any = None
        self._failed = False

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
        self._lines.append(line)
        self._characters += len(line)
        if self._characters >= GATHERED_CHARACTERS:
            self.flush()
        elif self._flush_due is None:
            self._flush_due = self._clock.callLater(GATHERED_SECONDS, self.flush)

    def flush(self) -> None:
        """Write what was gathered. What cannot be written is lost, and the log of the service says so once."""
        if self._flush_due is not None:
            if self._flush_due.active():
                self._flush_due.cancel()
            self._flush_due = None
        text = "".join(self._lines)
        self._lines.clear()
        self._characters = 0
        if not text:
            return
        try:
            self._file.write(text)
            self._failed = False
        except OSError as error:
            if not self._failed:
                self._log.error("the access log cannot be written: {reason}", reason=str(error))
            self._failed = True

    async def close(self) -> None:
        """Write the rest."""
        self.flush()

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
