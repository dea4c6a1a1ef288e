"""The text of a message as HTML of this site: plain text with its quotes folded, or HTML made safe.

Nothing of a message is loaded from elsewhere: images are links, styles and scripts are gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import nh3
from markupsafe import Markup, escape

from shared.messages.reading import Text

# What members write as HTML in mail. No class, style or id: a message must not look like a part of the page.
_TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "cite", "code", "dd", "del", "div", "dl", "dt", "em", "h3", "h4", "hr"),
    *("i", "ins", "kbd", "li", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "table"),
    *("tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul", "var"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
_DROPPED_WITH_CONTENT = {"script", "style", "title", "template", "svg", "math", "noscript", "iframe", "object"}
_SCHEMES = {"http", "https", "mailto"}
_REL = "noopener noreferrer nofollow"
MOST_HTML_CHARACTERS = 100_000  # the sanitiser takes 10 ms for so much
MOST_OPEN_TAGS = 5_000  # of a piece of HTML: a real newsletter has some hundreds
_FOLDED_FROM = 4  # lines of a quote; shorter ones are open

_LINK = re.compile(r"https?://[^\s<>\"'\x00-\x1f]{1,2000}")
_AFTER_LINK = ".,;:!?)]}…"
_ATTRIBUTION = re.compile(r".{1,200}\b(?:wrote|schrieb|écrit|écrivait|escribió|写道|ha scritto):\s*\Z")


def message_html(texts: Sequence[Text]) -> Markup:
    """All of the message's text."""
    return Markup("").join(html_of(piece) for piece in texts)


def html_of(piece: Text) -> Markup:
    """One piece, with a line that says so where it is cut."""
    is_cut = piece.is_cut
    if piece.is_html:
        if len(piece.text) > MOST_HTML_CHARACTERS or piece.text.count("<") > 4 * MOST_OPEN_TAGS:
            is_cut = True
        html = safe_html(piece.text)
    else:
        html = text_html(piece.text)
    if is_cut:
        html += Markup('<p class="meta">The rest is not shown here; the source has all of it.</p>')
    return html


def safe_html(text: str) -> Markup:
    """HTML of a stranger, made safe: a few elements, links, and no attribute that shows or loads anything."""
    text = text[:MOST_HTML_CHARACTERS]
    if text.count("<") > 4 * MOST_OPEN_TAGS:
        text = "<".join(text.split("<")[: 4 * MOST_OPEN_TAGS])
    cleaned = nh3.clean(
        text,
        tags=_TAGS,
        clean_content_tags=_DROPPED_WITH_CONTENT,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel=_REL,
        strip_comments=True,
    )
    return Markup('<section class="scroll" tabindex="0" aria-label="Message in HTML">{}</section>').format(
        Markup(cleaned)
    )


def text_html(text: str) -> Markup:
    """Plain text: paragraphs with their lines, each read from its own side, quotes folded, addresses as links."""
    return Markup("\n").join(_blocks(text))


def _blocks(text: str) -> Iterator[Markup]:
    paragraph: list[str] = []
    quote: list[str] = []
    for line in [*text.split("\n"), ""]:
        if line.startswith(">"):
            if paragraph:
                attribution = paragraph[-1] if _ATTRIBUTION.match(paragraph[-1]) else ""
                yield from _paragraph(paragraph[:-1] if attribution else paragraph)
                quote = [attribution] if attribution else [""]
                paragraph = []
            elif not quote:
                quote = [""]
            quote.append(line)
            continue
        if quote:
            yield _quote(quote[0], quote[1:])
            quote = []
        if line.strip():
            paragraph.append(line)
        else:
            yield from _paragraph(paragraph)
            paragraph = []
    if quote:
        yield _quote(quote[0], quote[1:])


def _paragraph(lines: Sequence[str]) -> Iterator[Markup]:
    if lines:
        yield Markup('<p dir="auto">{}</p>').format(Markup("<br>\n").join(_linked(line) for line in lines))


def _quote(attribution: str, lines: Sequence[str]) -> Markup:
    """A quote in a fold; inner quotes keep their marks."""
    inner = "\n".join(line[1:].removeprefix(" ") for line in lines)
    count = f"{len(lines)} line" if len(lines) == 1 else f"{len(lines)} lines"
    who = attribution.strip().rstrip(":") or "Quote"
    paragraphs = Markup("").join(
        Markup('<p dir="auto">{}</p>').format(Markup("<br>\n").join(_linked(line) for line in block.split("\n")))
        for block in re.split(r"\n\s*\n", inner.strip("\n"))
    )
    opened = Markup("" if len(lines) >= _FOLDED_FROM else " open")
    return Markup(
        '<details class="quote"{}><summary><bdi>{}</bdi>, {}</summary><blockquote>{}</blockquote></details>'
    ).format(opened, who[:200], count, paragraphs)


def _linked(line: str) -> Markup:
    pieces: list[Markup] = []
    at = 0
    for match in _LINK.finditer(line):
        url = match[0].rstrip(_AFTER_LINK)
        pieces.append(escape(line[at : match.start()]))
        pieces.append(Markup('<a href="{}" rel="{}">{}</a>').format(url, _REL, url))
        at = match.start() + len(url)
    pieces.append(escape(line[at:]))
    return Markup("").join(pieces)
