"""The access log in the Combined Log Format (httpd.apache.org/docs/2.4/logs.html#combined), off unless wanted."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from services.wiki.site.request import WebRequest
from shared.runtime.gathered_log import GatheredLog

LONGEST_FIELD = 1024  # characters
_UNSAFE = re.compile(r'[\x00-\x1f"\\\x7f-\xff]')
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class WebAccessLog(GatheredLog):
    """A line for each request."""

    def note(self, request: WebRequest, status: int, octets: int) -> None:
        """The request is answered."""
        self.add(combined_line(request, status, octets, datetime.now(UTC)))


def combined_line(request: WebRequest, status: int, octets: int, now: datetime) -> str:
    """Client, account, time, request line, status, octets of the body, referrer and browser, each made safe."""
    date = f"{now.day:02d}/{_MONTHS[now.month - 1]}/{now.year}:{now:%H:%M:%S} +0000"
    what = f"{_safe(request.method)} {_safe(request.uri)} {_safe(request.clientproto)}"
    referrer, agent = (_safe(request.getHeader(name) or b"-") for name in (b"referer", b"user-agent"))
    client = f"{request.peer_host or '-'} - {request.account_name}"
    return f'{client} [{date}] "{what}" {status} {octets} "{referrer}" "{agent}"\n'


def _safe(octets: bytes) -> str:
    """Controls, quotes, backslashes and what is not ASCII as `\\xHH`."""
    return _UNSAFE.sub(lambda match: f"\\x{ord(match[0]):02x}", octets[:LONGEST_FIELD].decode("latin-1"))
