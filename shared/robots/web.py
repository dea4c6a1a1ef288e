"""`web@`: the page of the web whose address is the Subject, as an attachment.

What comes is a stranger's: it is attached as octets, which mail programs save and do not show, whatever it says it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from shared.access import errors as access
from shared.access.account_fetcher import MOST_OCTETS
from shared.accounts.account import Role
from shared.errors import DomainError, nearest
from shared.octets import format_octets
from shared.reach.fetch import Fetched
from shared.reach.fetch_errors import FetchFailed
from shared.robots.answer import OCTETS, AnswerPart, RobotAnswer
from shared.robots.parts import RobotParts
from shared.robots.query import RobotQuery
from shared.robots.robot import Work, says
from shared.robots.settings import WORDS

LONGEST_LOCATION = 900  # characters; a line of a header has 998
LONGEST_NAME = 80
LONGEST_TYPE = 100
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S*")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_DONE = range(200, 300)

USAGE = f"""\
Write the address of a page into the Subject, for example

    Subject: https://example.org/

The answer has what is there as an attachment, of {format_octets(MOST_OCTETS)} at most.
What stands in the text of the message does not matter.
"""
NOT_FOR_YOU = "Pages of the web are fetched for members who have signed in, where the operator wants that.\n"
SEARCHED = "\nOther words are looked for on the web.\n"

# {} is what the error says.
REFUSALS: Mapping[type[DomainError], str] = {
    FetchFailed: "{}",
    access.HostBlocked: "a rule of this server keeps you from that site",
    access.HostNotListed: "only sites that are listed may be reached from here, and that one is not",
    access.TooManyRequests: "you have asked for too many pages in a short time",
    access.TooManyConnections: "you have too many connections under way",
    access.VolumeSpent: "you have used up what you may fetch in a day",
}


async def answer_web(parts: RobotParts, query: RobotQuery) -> Work:
    """Fetch it for the member; that fails only once, so that nobody waits for a server that is away.

    Raises StoreUnavailable while the rules are not known.
    """
    account = query.account
    if parts.web is None or account is None or account.role is Role.GUEST:
        return says(
            RobotAnswer(
                "Not fetched",
                "Pages of the web are fetched for members who have signed in, where the operator wants it.\n",
            )
        )
    subject, search = query.subject, parts.web.search
    if _ADDRESS.fullmatch(subject):
        url = subject
    elif subject and search:
        url = search.replace(WORDS, quote(subject, safe=""))
    else:
        return says(RobotAnswer("How to fetch a page", USAGE + (SEARCHED if search else "")))
    try:
        return says(_answer(await parts.web.fetcher.fetch(url, account.id)))
    except DomainError as error:
        sentence = nearest(REFUSALS, error, None)
        if sentence is None:
            raise
        text = f"Nothing was fetched: {sentence.format(error)}.\n\n{url}\n"
        return says(RobotAnswer(f"Not fetched: {subject}", text))


def _answer(fetched: Fetched) -> RobotAnswer:
    if fetched.status not in _DONE:
        text = f"The server answered with status {fetched.status}, and so nothing is attached.\n\n{fetched.url}\n"
        return RobotAnswer(f"Not fetched: {fetched.url}", text)
    kind = fetched.headers.get("content-type", "")
    shown = kind if kind.isascii() and kind.isprintable() and len(kind) <= LONGEST_TYPE else ""
    text = (
        f"What is at this address is attached, as it came: {format_octets(len(fetched.body))}"
        f"{f' of {shown}' if shown else ''}.\n\n{fetched.url}\n\n"
        "Nobody here has looked at it: open it only if you trust where it comes from.\n"
    )
    fields = [f'Content-Disposition: attachment; filename="{_file_name(fetched.url, kind)}"']
    if len(fetched.url) <= LONGEST_LOCATION:
        fields.append(f"Content-Location: {fetched.url}")
    return RobotAnswer(f"Fetched: {fetched.url}", text, (AnswerPart(OCTETS, fetched.body, fields),))


def _file_name(url: str, kind: str) -> str:
    """The last segment of the path, where that is a plain name; else one by the type."""
    name = url.partition("?")[0].partition("://")[2].partition("/")[2].rpartition("/")[2]
    if _NAME.fullmatch(name) and len(name) <= LONGEST_NAME and "." in name:
        return name
    return "page.html" if kind.lower().startswith("text/html") else "page"
