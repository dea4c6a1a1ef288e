"""One HTTP request of a wiki's client, bounded in time and in the octets of its answer."""

from __future__ import annotations

import base64
import http.client
import ssl
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import SplitResult

from shared.command_line.wiki.client.client import WikiLogin
from shared.command_line.wiki.client.errors import WikiError
from shared.octets import format_octets

SILENCE_SECONDS = 60
ANSWER_OCTETS = 64 << 20  # several times the largest page


class HttpAnswer(NamedTuple):
    """A status, the fields by lower-case name, and the body."""

    status: int
    fields: Mapping[str, str]
    body: bytes


class HttpPlace(NamedTuple):
    """A wiki's address, how its certificate is judged, and who signs in."""

    url: SplitResult
    tls: ssl.SSLContext | None
    login: WikiLogin | None

    def ask(self, method: str, path: str, fields: Mapping[str, str] = {}, body: bytes | None = None) -> HttpAnswer:
        """Send a request; `path` is behind that of the address. Raises WikiError."""
        sent = {"User-Agent": "agora", **fields}
        if self.login is not None:
            pair = f"{self.login.name}:{self.login.password}".encode()
            sent["Authorization"] = "Basic " + base64.b64encode(pair).decode()
        try:
            connection = self._connection()
            try:
                connection.request(method, self.url.path.rstrip("/") + path, body, sent)
                response = connection.getresponse()
                octets = response.read(ANSWER_OCTETS + 1)
            finally:
                connection.close()
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            raise WikiError(f"{self.url.netloc} does not answer: {error}") from None
        if len(octets) > ANSWER_OCTETS:
            raise WikiError(f"{self.url.netloc} sent an answer of more than {format_octets(ANSWER_OCTETS)}")
        return HttpAnswer(response.status, {name.lower(): value for name, value in response.getheaders()}, octets)

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self.url.hostname or "", self.url.port
        if self.url.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=SILENCE_SECONDS, context=self.tls)
        return http.client.HTTPConnection(host, port, timeout=SILENCE_SECONDS)
