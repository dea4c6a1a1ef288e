"""A wiki by REST (/api/v1)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from shared.command_line.wiki.client.client import HistoryLine, WikiFinding, Written
from shared.command_line.wiki.client.errors import WikiError, error_of
from shared.command_line.wiki.client.http import HttpPlace

MOST = 1000  # a page of a list
API = "/api/v1"


class RestClient:
    """See WikiClient."""

    def __init__(self, place: HttpPlace) -> None:
        self._place = place

    def get(self, name: str, revision: int | None) -> str:
        """The source."""
        behind = "" if revision is None else f"/revisions/{revision}"
        source: str = self._ask("GET", f"/pages/{_segment(name)}{behind}")["source"]
        return source

    def rendered(self, name: str) -> str:
        """The page as an HTML fragment."""
        html: str = self._ask("GET", f"/pages/{_segment(name)}/html")["html"]
        return html

    def put(self, name: str, source: str, base: int | None, comment: str, minor: bool) -> Written:
        """Save it."""
        members = {"source": source, "comment": comment, "minor": minor, "base": base}
        answer = self._ask("PUT", f"/pages/{_segment(name)}", members)
        return Written(*(answer[field] for field in Written._fields))

    def names(self) -> Sequence[str]:
        """All pages, sorted."""
        return [page["name"] for page in self._list("/pages", "pages")]

    def needed(self) -> Sequence[str]:
        """What is linked to and not there, most wanted first."""
        return [page["name"] for page in self._ask("GET", "/needed")["needed"]]

    def delete(self, name: str) -> None:
        """Delete it."""
        self._ask("DELETE", f"/pages/{_segment(name)}")

    def history(self, name: str) -> Sequence[HistoryLine]:
        """Its revisions, the newest first."""
        lines = self._list(f"/pages/{_segment(name)}/revisions", "revisions")
        return [HistoryLine(*(line[field] for field in HistoryLine._fields)) for line in lines]

    def search(self, words: str) -> Sequence[WikiFinding]:
        """The pages that have the words, best first."""
        hits = self._ask("GET", "/search?" + urlencode({"q": words, "limit": 50}))["found"]
        return [WikiFinding(hit["name"], hit["title"], hit["snippet"]) for hit in hits]

    def _list(self, path: str, member: str) -> Iterator[Any]:
        cursor = ""
        while True:
            query = {"limit": MOST, **({"cursor": cursor} if cursor else {})}
            page = self._ask("GET", f"{path}?{urlencode(query)}")
            yield from page[member]
            cursor = page["next"]
            if not cursor:
                return

    def _ask(self, method: str, path: str, members: Mapping[str, Any] | None = None) -> Any:
        fields = {"Accept": "application/json"}
        body = None
        if members is not None:
            body = json.dumps(members).encode()
            fields["Content-Type"] = "application/json"
        answer = self._place.ask(method, API + path, fields, body)
        if answer.status == 204:
            return None
        try:
            document = json.loads(answer.body)
            if answer.status >= 400:
                diff = document.get("diff", "")
                raise error_of(answer.status, document["detail"] + (f"\n\n{diff}" if diff else ""))
        except (ValueError, RecursionError, KeyError, AttributeError):
            raise WikiError(f"the server answered {answer.status}, and no JSON of Agora's") from None
        return document


def _segment(name: str) -> str:
    return quote(name, safe="")
