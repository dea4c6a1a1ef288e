"""The proxy's usage: requests by day, by member and by host, and the words of the pages that passed."""

from __future__ import annotations

from collections.abc import Sequence
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
    report = await parts.database.read(_report)
    most = max((day.requests for day in report.days), default=0)
    days = sorted(report.days, key=lambda day: day.name)
    bars = [_bar(number, day, most) for number, day in enumerate(days)] if most else []
    return render(
        parts,
        visitor,
        "admin/proxy.html",
        report=report,
        bars=bars,
        most=most,
        requests=sum(day.requests for day in days),
        octets_out=sum(day.octets_out for day in days),
        then_path="/admin/proxy",
    )


def _report(tx: Transaction) -> ProxyReport:
    span = last_days(DAYS)
    return ProxyReport(
        span,
        usage(tx, UsageBy.DAY, span),
        usage(tx, UsageBy.ACCOUNT, span, top=LINES),
        usage(tx, UsageBy.HOST, span, top=LINES),
        words(tx, span, top=LINES),
    )


def _bar(number: int, day: UsageLine, most: int) -> DayBar:
    height = _TALLEST * day.requests / most
    return DayBar(f"{number + 0.12:.2f}", f"{_TALLEST - height:.1f}", f"{height:.1f}", f"{day.name}: {day.requests:,}")
