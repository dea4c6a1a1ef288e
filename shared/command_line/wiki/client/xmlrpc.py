"""A wiki by XML-RPC (/RPC2)."""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from xml.parsers.expat import ExpatError

from shared.command_line.wiki.client.client import HistoryLine, WikiFinding, Written
from shared.command_line.wiki.client.errors import WikiError, error_of
from shared.command_line.wiki.client.http import HttpPlace


class XmlRpcClient:
    """See WikiClient."""

    def __init__(self, place: HttpPlace) -> None:
        self._place = place

    def get(self, name: str, revision: int | None) -> str:
        """The source. One with control characters comes as octets, for XML has none."""
        source = self._call("wiki.getPage", name, *(() if revision is None else (revision,)))
        return source.decode() if isinstance(source, bytes) else str(source)

    def rendered(self, name: str) -> str:
        """The page as an HTML fragment."""
        return str(self._call("wiki.getPageHTML", name))

    def put(self, name: str, source: str, base: int | None, comment: str, minor: bool) -> Written:
        """Save it."""
        sent: Any = source if source.isprintable() else source.encode()  # XML would lose CR and control characters
        saved = self._call("savePage", name, sent, base, comment, minor)
        return Written(*(saved[field] for field in Written._fields))

    def names(self) -> Sequence[str]:
        """All pages, sorted."""
        return list(self._call("listPages"))

    def needed(self) -> Sequence[str]:
        """What is linked to and not there, most wanted first."""
        return list(self._call("listNeededPages"))

    def delete(self, name: str) -> None:
        """Delete it."""
        self._call("deletePage", name)

    def history(self, name: str) -> Sequence[HistoryLine]:
        """Its revisions, the newest first."""
        lines = self._call("pageHistory", name)
        return [
            HistoryLine(line["revision"], _iso(line["saved_at"]), line["author_name"], line["comment"])
            for line in lines
        ]

    def search(self, words: str) -> Sequence[WikiFinding]:
        """The pages that have the words, best first."""
        return [WikiFinding(hit["name"], hit["title"], hit["snippet"]) for hit in self._call("searchPages", words)]

    def _call(self, method: str, *arguments: Any) -> Any:
        body = xmlrpc.client.dumps(arguments, method, allow_none=True).encode()
        answer = self._place.ask("POST", "/RPC2", {"Content-Type": "text/xml"}, body)
        if answer.status != 200:
            raise WikiError(f"the server answered {answer.status}")
        try:
            (result,), _ = xmlrpc.client.loads(answer.body, use_builtin_types=True)
        except xmlrpc.client.Fault as fault:
            raise error_of(fault.faultCode, fault.faultString) from None
        except (ExpatError, xmlrpc.client.Error, ValueError, LookupError, TypeError):
            raise WikiError("the server's answer is no XML-RPC") from None
        return result


def _iso(moment: datetime) -> str:
    return moment.replace(tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
