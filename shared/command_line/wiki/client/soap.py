"""A wiki by SOAP 1.1 (/SOAP), document/literal as its WSDL says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from shared.command_line.wiki.client.client import HistoryLine, WikiFinding, Written
from shared.command_line.wiki.client.errors import NoSuchWikiPage, WikiError, error_of
from shared.command_line.wiki.client.http import HttpPlace

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
OURS = "urn:agora:wiki"
_CR = {"\r": "&#13;"}  # parsers make a line feed of one that stands for itself


class SoapClient:
    """See WikiClient."""

    def __init__(self, place: HttpPlace) -> None:
        self._place = place

    def get(self, name: str, revision: int | None) -> str:
        """The source."""
        return self._record("readPage", {"path": name, "revision": revision})["source"]

    def rendered(self, name: str) -> str:
        """The page as an HTML fragment."""
        if self._text("hasPage", {"path": name}) != "true":
            raise NoSuchWikiPage("there is no such page")
        return self._text("getRenderedPage", {"path": name})

    def put(self, name: str, source: str, base: int | None, comment: str, minor: bool) -> Written:
        """Save it."""
        arguments = {"path": name, "data": source, "base": base, "comment": comment, "minor": "true" if minor else None}
        saved = self._record("savePage", arguments)
        flags = [saved[field] == "true" for field in ("created", "merged", "changed")]
        return Written(saved["name"], int(saved["revision"]), *flags)

    def names(self) -> Sequence[str]:
        """All pages, sorted."""
        return [each.text or "" for each in self._call("listPages", {})]

    def needed(self) -> Sequence[str]:
        """What is linked to and not there, most wanted first."""
        return [each.text or "" for each in self._call("listNeededPages", {})]

    def delete(self, name: str) -> None:
        """Delete it."""
        self._call("deletePage", {"path": name})

    def history(self, name: str) -> Sequence[HistoryLine]:
        """Its revisions, the newest first."""
        lines = map(_members, self._call("pageHistory", {"path": name}))
        return [
            HistoryLine(int(line["revision"]), line["saved_at"], line["author_name"], line["comment"]) for line in lines
        ]

    def search(self, words: str) -> Sequence[WikiFinding]:
        """The pages that have the words, best first."""
        hits = map(_members, self._call("searchPages", {"words": words}))
        return [WikiFinding(hit["name"], hit["title"], hit["snippet"]) for hit in hits]

    def _record(self, method: str, arguments: Mapping[str, Any]) -> Mapping[str, str]:
        (result,) = self._call(method, arguments)
        return _members(result)

    def _text(self, method: str, arguments: Mapping[str, Any]) -> str:
        (result,) = self._call(method, arguments)
        return result.text or ""

    def _call(self, method: str, arguments: Mapping[str, Any]) -> list[Any]:
        """The elements of the result."""
        inside = "".join(
            f"<{name}>{escape(str(value), _CR)}</{name}>" for name, value in arguments.items() if value is not None
        )
        body = (
            f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Body><w:{method} xmlns:w="{OURS}">{inside}</w:{method}></s:Body>'
            "</s:Envelope>"
        ).encode()
        fields = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{OURS}#{method}"'}
        answer = self._place.ask("POST", "/SOAP", fields, body)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
        try:
            root = etree.fromstring(answer.body, parser)
        except etree.LxmlError:
            raise WikiError(f"the server answered {answer.status}, and no SOAP") from None
        if (fault := root.find(f"{{{ENVELOPE}}}Body/{{{ENVELOPE}}}Fault")) is not None:
            raise _error_in(fault)
        found = root.find(f"{{{ENVELOPE}}}Body/{{{OURS}}}{method}Response")
        if found is None:
            raise WikiError(f"the server answered {answer.status}, and not as its WSDL says")
        return list(found)


def _members(record: Any) -> Mapping[str, str]:
    return {each.tag: each.text or "" for each in record}


def _error_in(fault: Any) -> WikiError:
    text = fault.findtext("faultstring") or ""
    number = fault.findtext(f"detail/{{{OURS}}}fault/code") or "500"
    diff = fault.findtext(f"detail/{{{OURS}}}fault/diff") or ""
    return error_of(int(number) if number.isdigit() else 500, f"{text}\n\n{diff}" if diff else text)
