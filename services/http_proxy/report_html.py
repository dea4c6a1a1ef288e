"""The report as a web page: plain HTML and inline SVG, no script. Hosts and words are strangers': all is escaped."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from hashlib import sha256
from html import escape
from urllib.parse import urlencode

from services.http_proxy.chart import Bar, bar_chart, column_chart
from services.http_proxy.report import MOST_DAYS, MOST_TOP, Question
from shared.access.usage.report_usage import UsageBy, UsageLine
from shared.access.words.report_words import WordLine
from shared.octets import format_octets
from shared.pages_in_words import pages_in_words

_BARS = 10  # more are no picture any more; the tables have all
_STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1c1e21; --quiet: #5a6068; --rule: #d5d9de; --bar: #2f6fb3;
  --link: #1558a0 }
@media (prefers-color-scheme: dark) { :root { --paper: #16181b; --ink: #e6e8ea; --quiet: #a2a9b1; --rule: #383d43;
  --bar: #5b9bdd; --link: #86b8ee } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 70rem; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.45 system-ui, sans-serif }
h1 { font-size: 1.5rem; margin: 0 0 .25rem } h2 { font-size: 1.15rem; margin: 0 0 .5rem }
p { margin: 0 0 .75rem } .quiet { color: var(--quiet) } a { color: var(--link) }
form { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; margin: 0 0 1.5rem }
label { display: block; font-size: .85rem; color: var(--quiet) }
input, button { display: block; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--quiet);
  border-radius: .25rem; padding: .25rem .5rem } input[type=number] { width: 6rem } input[type=text] { width: 11rem }
main { columns: 2 22rem; column-gap: 2rem } section { break-inside: avoid; margin: 0 0 2rem }
svg { display: block; margin: 0 0 1rem; overflow: visible } text { font-size: 14px; fill: var(--ink) }
text.value { fill: var(--quiet) } rect.bar { fill: var(--bar) }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums } caption { text-align: left }
th, td { text-align: right; padding: .2rem 0 .2rem .75rem; border-bottom: 1px solid var(--rule); vertical-align: top;
  white-space: nowrap }
th:first-child, td:first-child { text-align: left; padding-left: 0; white-space: normal; overflow-wrap: anywhere }
@media (max-width: 30rem) { table { font-size: .875rem } th, td { padding-left: .4rem } }
th { font-size: .85rem; font-weight: 600; color: var(--quiet) } tbody th { font: inherit; color: inherit }
"""
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADINGS = {
    UsageBy.ACCOUNT: ("Accounts", "Account"),
    UsageBy.HOST: ("Hosts", "Host"),
    UsageBy.STATUS: ("Answers", "Status"),
    UsageBy.DAY: ("Days", "Day"),
}


def report_html(
    question: Question,
    today: date,
    usage: Mapping[UsageBy, Sequence[UsageLine]],
    words: Sequence[WordLine],
    pages: Mapping[str, int],
) -> str:
    """The whole page; `pages` as report_pages() has them."""
    since, until = question.span(today)
    about = f"for {escape(question.account)}" if question.account else "for everybody"
    days = _every_day(usage[UsageBy.DAY], since, until)
    overview = _section("Requests a day", column_chart("Requests a day", [_requests_bar(line) for line in days]))
    sections = [
        *(_usage_section(by, usage[by]) for by in (UsageBy.ACCOUNT, UsageBy.HOST, UsageBy.STATUS)),
        _words_section(words, pages),
        _section("Days", _usage_table("Day", [line for line in reversed(days) if line.requests])),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>HTTP proxy: usage and words</title><style>{_STYLE}</style></head><body>"
        f'<h1>HTTP proxy</h1><p class="quiet">{since:%Y-%m-%d} to {until:%Y-%m-%d} (UTC), {about}</p>'
        f"{_form(question)}{_downloads(question)}{overview}<main>{''.join(sections)}</main></body></html>\n"
    )


def _form(question: Question) -> str:
    return (
        '<form method="get" action="./">'
        f'<label>Days<input type="number" name="days" min="1" max="{MOST_DAYS}" value="{question.days}"></label>'
        f'<label>Account<input type="text" name="account" value="{escape(question.account)}"></label>'
        f'<label>Lines<input type="number" name="top" min="1" max="{MOST_TOP}" value="{question.top}"></label>'
        "<button>Show</button></form>"
    )


def _downloads(question: Question) -> str:
    query = {"days": question.days, "account": question.account, "top": question.top}

    def link(name: str, text: str, **more: str) -> str:
        return f'<a href="{name}?{escape(urlencode({**query, **more}))}">{text}</a>'

    return (
        f"<p>Usage: {link('usage.json', 'JSON')}, CSV by {link('usage.csv', 'account', by='account')}, "
        f"{link('usage.csv', 'host', by='host')}, {link('usage.csv', 'status', by='status')} or "
        f"{link('usage.csv', 'day', by='day')}. Words: {link('words.json', 'JSON')}, {link('words.csv', 'CSV')}.</p>"
    )


def _usage_section(by: UsageBy, lines: Sequence[UsageLine]) -> str:
    heading, column = _HEADINGS[by]
    unit, bar = ("requests", _requests_bar) if by is UsageBy.STATUS else ("octets", _octets_bar)
    bars = sorted(map(bar, lines), key=lambda each: each.value, reverse=True)[:_BARS]  # statuses come by number
    return _section(heading, bar_chart(f"{heading} by {unit}", bars) + _usage_table(column, lines))


def _words_section(words: Sequence[WordLine], pages: Mapping[str, int]) -> str:
    bars = [Bar(line.word, line.times, f"{line.times:,}") for line in words[:_BARS]]
    table = _table(("Word", "Times", "Pages"), ((line.word, f"{line.times:,}", f"{line.pages:,}") for line in words))
    summary = pages_in_words(pages, has_words=bool(words))
    about = f'<p class="quiet">{escape(summary)}</p>' if summary else ""
    return _section("Words", about + bar_chart("The most frequent words", bars) + (table if words else ""))


def _usage_table(column: str, lines: Sequence[UsageLine]) -> str:
    if not lines:
        return _NOTHING
    return _table(
        (column, "Requests", "Sent", "Received"),
        (
            (line.name, f"{line.requests:,}", format_octets(line.octets_in), format_octets(line.octets_out))
            for line in lines
        ),
    )


_NOTHING = '<p class="quiet">Nothing in these days.</p>'


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "".join(
        f'<tr><th scope="row"><bdi>{escape(first)}</bdi></th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _section(heading: str, content: str) -> str:
    return f"<section><h2>{escape(heading)}</h2>{content}</section>"


def _every_day(lines: Sequence[UsageLine], since: date, until: date) -> Sequence[UsageLine]:
    """With a line for each day without requests, too."""
    known = {line.name: line for line in lines}
    names = ((since + timedelta(days=number)).isoformat() for number in range((until - since).days + 1))
    return [known.get(name) or UsageLine(name, 0, 0, 0) for name in names]


def _requests_bar(line: UsageLine) -> Bar:
    return Bar(line.name, line.requests, f"{line.requests:,}")


def _octets_bar(line: UsageLine) -> Bar:
    return Bar(line.name, line.octets, format_octets(line.octets))
