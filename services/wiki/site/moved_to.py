"""A path that has another spelling: raised by who reads it, answered once (site/dispatch.py)."""

from __future__ import annotations


class MovedTo(Exception):
    """`path` is the one spelling, encoded, with the query: where the client is sent by 301."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path
