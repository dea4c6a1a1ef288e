"""The proxy's usage: requests by day, by member and by host, and the words of the pages that passed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from services.wiki.admin.admin_here import admin_here
from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer
from services.wiki.site.render import render
from services.wiki.site.request import WebRequest
from shared.access.usage.report_usage import UsageBy, UsageLine
from shared.administration.reports import Days, WordReport, last_days, usage, words
from shared.database.transaction import Transaction

DAYS = 30
SPANS = (7, DAYS, 90, 400)  # days that can be chosen; usage is kept for 400
LINES = 20  # of members, hosts and words
_TALLEST = 100  # units of the chart's height


class ProxyReport(NamedTuple):
    """All that the page shows."""

    span: Days
    days: Sequence[UsageLine]
    accounts: Sequence[UsageLine]
    hosts: Sequence[UsageLine]
    words: WordReport


class DayBar(NamedTuple):
    """A day of the chart, as SVG has it."""

    x: str
    y: str
    height: str
    title: str


async def show_proxy(parts: WikiParts, request: WebRequest) -> Answer:
    """Raises SignInNeeded, AdminsAlone."""
    visitor = await admin_here(parts, request)
    span = next((span for span in SPANS if request.query.get("days") == str(span)), DAYS)
    report = await parts.database.read(_report, span)
    most = max((day.requests for day in report.days), default=0)
    days = sorted(report.days, key=lambda day: day.name)
    bars = [_bar(report.span.since, day, most) for day in days] if most else []
    return render(
        parts,
        visitor,
        "admin/proxy.html",
        report=report,
        bars=bars,
        slots=span,
        spans=SPANS,
        most=most,
        requests=sum(day.requests for day in days),
        octets_out=sum(day.octets_out for day in days),
        then_path="/admin/proxy",
    )


def _report(tx: Transaction, days: int) -> ProxyReport:
    span = last_days(days)
    return ProxyReport(
        span,
        usage(tx, UsageBy.DAY, span),
        usage(tx, UsageBy.ACCOUNT, span, top=LINES),
        usage(tx, UsageBy.HOST, span, top=LINES),
        words(tx, span, top=LINES),
    )


def _bar(since: date, day: UsageLine, most: int) -> DayBar:
    """At its place between the first day and today: days without a request are empty places."""
    number = (date.fromisoformat(day.name) - since).days
    height = _TALLEST * day.requests / most
    return DayBar(f"{number + 0.12:.2f}", f"{_TALLEST - height:.1f}", f"{height:.1f}", f"{day.name}: {day.requests:,}")
