"""The names of this server in the fields of what subscribers are sent."""

from __future__ import annotations

from typing import NamedTuple

NNTP_PORT = 119  # RFC 3977 §3.1


class ListNames(NamedTuple):
    """The server's name, the domain of rooms' addresses, and where newsreaders and browsers reach it."""

    hostname: str
    mail_domain: str
    news_port: int = NNTP_PORT
    web_url: str = ""  # of the site, without a slash at its end; "" where it is not known

    def archive(self, room: str) -> str:
        """The address of a room for newsreaders (RFC 5538 §3); a number may be put behind it."""
        host = f"[{self.hostname}]" if ":" in self.hostname else self.hostname
        port = "" if self.news_port == NNTP_PORT else f":{self.news_port}"
        return f"nntp://{host}{port}/{room}"
