"""The proxy's reports: /proxy/ for people, usage and words as JSON and CSV for programs."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any

from twisted.web.pages import notFound
from twisted.web.resource import Resource
from twisted.web.server import Request
from twisted.web.util import redirectTo

from services.http_proxy.report import Question, WrongQuestion, question_of, read_usage, read_words
from services.http_proxy.report_html import CONTENT_SECURITY_POLICY, report_html
from shared.access.usage.report_usage import UsageBy
from shared.access.words.report_words import WORD_COLUMNS
from shared.accounts.errors import AccountNotFound, SignInFailed
from shared.clock import utc_day
from shared.csv_report import csv_report
from shared.database.database import Database
from shared.errors import DomainError
from shared.runtime.async_page import TEXT, AsyncPage, WebAnswer

HTML, JSON, CSV = (
    b"text/html; charset=utf-8",
    b"application/json",
    b"text/csv; charset=utf-8; header=present",  # RFC 7111
)
CHALLENGE = b'Basic realm="Agora reports", charset="UTF-8"'
FIELDS = {
    b"content-security-policy": CONTENT_SECURITY_POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-store",
}
Check = Callable[[Request], Awaitable[None]]  # raises NotAnAdmin, or a SignInFailed
USAGE_COLUMNS = ("requests", "octets_in", "octets_out")


class NotAnAdmin(Exception):
    """Somebody signed in who may not read the reports."""


class ReportPage(Resource):
    """To be served as `/proxy`."""

    def __init__(self, database: Database, check: Check, today: Callable[[], date] = utc_day) -> None:
        """`check` is asked before anything is read."""
        super().__init__()
        reports = _Reports(database, today)
        each = {
            b"": _Report(HTML, check, reports.page),
            b"usage.json": _Report(JSON, check, reports.usage_json),
            b"usage.csv": _Report(CSV, check, reports.usage_csv),
            b"words.json": _Report(JSON, check, reports.words_json),
            b"words.csv": _Report(CSV, check, reports.words_csv),
        }
        for name, report in each.items():
            page: Any = AsyncPage(report.answer, "making a report", fields=FIELDS)
            self.putChild(name, page)

    def getChild(self, path: bytes, request: Request) -> Any:
        return notFound()

    def render_GET(self, request: Any) -> bytes:
        return redirectTo(b"proxy/", request)


class _Reports:
    """The reports, each as text. They raise WrongQuestion, and the errors of reading."""

    def __init__(self, database: Database, today: Callable[[], date]) -> None:
        self._database = database
        self._today = today

    async def page(self, request: Request) -> str:
        question, today = question_of(request.args), self._today()
        usage = await self._database.read_snapshot(read_usage, question, today)
        words, pages = await self._database.read(read_words, question, today)
        return report_html(question, today, usage, words, pages)

    async def usage_json(self, request: Request) -> str:
        question, today = question_of(request.args), self._today()
        usage = await self._database.read_snapshot(read_usage, question, today)
        lines = {by.value: [{by.value: line.name, **_numbers(line)} for line in usage[by]] for by in UsageBy}
        return _json({**_about(question, today), "usage": lines})

    async def usage_csv(self, request: Request) -> str:
        question, by = question_of(request.args), _by(request)
        usage = await self._database.read_snapshot(read_usage, question, self._today())
        return csv_report((by.value, *USAGE_COLUMNS), usage[by])

    async def words_json(self, request: Request) -> str:
        question, today = question_of(request.args), self._today()
        words, pages = await self._database.read(read_words, question, today)
        lines = [dict(zip(WORD_COLUMNS, each, strict=True)) for each in words]
        return _json({**_about(question, today), "pages": pages, "words": lines})

    async def words_csv(self, request: Request) -> str:
        words, _ = await self._database.read(read_words, question_of(request.args), self._today())
        return csv_report(WORD_COLUMNS, words)


class _Report:
    """One report, made when somebody asks."""

    def __init__(self, content_type: bytes, check: Check, make: Callable[[Request], Awaitable[str]]) -> None:
        self._content_type = content_type
        self._check = check
        self._make = make

    async def answer(self, request: Request) -> WebAnswer:
        """The report, or why the request gets none."""
        try:
            await self._check(request)
            return WebAnswer(200, self._content_type, (await self._make(request)).encode())
        except NotAnAdmin:
            return _refusal(403, "The reports are for administrators.")
        except WrongQuestion as error:
            return _refusal(400, str(error))
        except AccountNotFound:
            return _refusal(404, "There is no such account.")
        except SignInFailed as error:
            if error.temporary:
                return _refusal(429, "Too many failed attempts, try again later.")
            return _refusal(401, "Sign in as an administrator.", {b"www-authenticate": CHALLENGE})
        except DomainError as error:
            if not error.temporary:
                raise
            return _refusal(503, "The store is away, try again.", {b"retry-after": b"5"})


def _refusal(status: int, sentence: str, fields: Mapping[bytes, bytes] = {}) -> WebAnswer:  # never changed
    return WebAnswer(status, TEXT, f"{sentence}\n".encode(), fields)


def _by(request: Request) -> UsageBy:
    named = request.args.get(b"by", [b"host"])[0].decode("latin-1")
    try:
        return UsageBy(named)
    except ValueError as error:
        raise WrongQuestion(f"by should be one of {', '.join(UsageBy)}.") from error


def _about(question: Question, today: date) -> dict[str, Any]:
    since, until = question.span(today)
    return {"since": since.isoformat(), "until": until.isoformat(), "account": question.account or None}


def _numbers(line: Any) -> dict[str, int]:
    return {name: getattr(line, name) for name in USAGE_COLUMNS}


def _json(report: object) -> str:
    return json.dumps(report, ensure_ascii=False, indent=1) + "\n"
