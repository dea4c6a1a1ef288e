"""Formatting: Markdown, links to pages, and harmless HTML whatever the page says."""

from __future__ import annotations

import time
from contextlib import suppress
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.wiki.errors import TooMuchToFormat
from shared.wiki.format_page import format_page
from shared.wiki.markdown import links_in


def html(source: str, name: str = "My Page") -> str:
    """The HTML, with `<a page="NAME">` where links to pages are open."""
    pieces = format_page(name, source).pieces
    return "".join(f'<a page="{piece}">' if number % 2 else piece for number, piece in enumerate(pieces))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("See WikiWord.", '<p>See <a page="WikiWord">WikiWord</a>.</p>'),
        ("WikiWordList", '<p><a page="WikiWordList">WikiWordList</a></p>'),
        ("Word WIKIWord aWikiWord WikiWord2 Wiki_Word McD", "<p>Word WIKIWord aWikiWord WikiWord2 Wiki_Word McD</p>"),
        ("`WikiWord`", "<p><code>WikiWord</code></p>"),
        ("    WikiWord", '<pre tabindex="0"><code>WikiWord\n</code></pre>'),
        ("https://a.b/WikiWord.", '<p><a href="https://a.b/WikiWord" rel="nofollow noopener">https://a.b/WikiWord</a>.</p>'),
        ("(https://a.b/c_(d))", '<p>(<a href="https://a.b/c_(d)" rel="nofollow noopener">https://a.b/c_(d)</a>)</p>'),
        ("[WikiWord](/x)", '<p><a href="/x" rel="nofollow noopener">WikiWord</a></p>'),
        ("[[Any Title]]", '<p><a page="Any Title">Any Title</a></p>'),
        ("[[Any_Title|*these* words]]", '<p><a page="Any Title">*these* words</a></p>'),
        ("[[ Caf\u0065\u0301 ]]", '<p><a page="Caf\u00e9">Cafe\u0301</a></p>'),
        ("*[[WikiWord]]*", '<p><em><a page="WikiWord">WikiWord</a></em></p>'),
        ("[[save]] [[..]] [[]] [[a\nb]]", "<p>[[save]] [[..]] [[]] [[a\nb]]</p>"),
        ("[x [[Any Title]] y](/z)", '<p>[x <a page="Any Title">Any Title</a> y](/z)</p>'),
        ("<a href='/x'>WikiWord</a>", '<p><a href="/x" rel="nofollow noopener">WikiWord</a></p>'),
        ("# WikiWord", '<h1 id="h-wikiword"><a page="WikiWord">WikiWord</a></h1>'),
    ],
)  # fmt: skip
def test_links_to_pages(source: str, expected: str) -> None:
    assert html(source).strip() == expected


def test_markdown_has_tables_footnotes_tasks_and_code_in_colours_without_styles() -> None:
    shown = html(
        "|a|b|\n|-:|:-:|\n|1|2|\n\n- [x] done\n- [ ] open\n\nnote[^n]\n\n[^n]: text\n\n```python\nif 1: pass\n```\n"
    )
    for part in (
        '<th scope="col" class="num">a</th>', '<td class="center">2</td>',
        '<li class="task"><input type="checkbox" disabled checked aria-label="Done"> done</li>',
        '<input type="checkbox" disabled aria-label="Open"> open',
        '<a href="#fn-1" id="fnref-1"', '<li id="fn-1">', '<span class="k">if</span>',
    ):  # fmt: skip
        assert part in shown
    assert "style" not in shown


def test_headings_have_ids_that_stand_once() -> None:
    formatted = format_page("P", "# A *b* `c`\n\n## A b c\n\n## \u00dc & \u65e5\u672c\n\n## !!!\n")
    assert [tuple(heading) for heading in formatted.headings] == [
        (1, "A b c", "h-a-b-c"), (2, "A b c", "h-a-b-c-2"), (2, "\u00dc & \u65e5\u672c", "h-\u00fc--\u65e5\u672c"),
        (2, "!!!", "h-section"),
    ]  # fmt: skip


def test_an_image_from_elsewhere_is_a_link_and_a_bare_name_is_an_attachment() -> None:
    assert '<img src="/files/My%20Page?name=a%20b.png" alt="x">' in html("![x](<a b.png>)")
    assert html("![x](https://evil.example/i.png)").strip() == (
        '<p><a href="https://evil.example/i.png" rel="nofollow noopener">x</a></p>'
    )
    for address in ("//evil.example/i.png", "https://evil.example/i.png", "data:image/svg+xml,<svg/>", "\\\\evil/x"):
        assert "<img src" not in html(f'<img src="{address}">')
        assert '<img src="' not in html(f"![x](<{address}>)").replace('<img src="%5Cevil/x"', "")
    assert 'href="/files/My%20Page?name=plan.pdf"' in html("[plan](plan.pdf)")


def test_blocks_of_a_page_with_arabic_or_hebrew_are_read_from_their_own_sides() -> None:
    mixed = "Hello\n\nسلم\n\n## שלום\n\n- عنصر\n\n> اقتباس\n\n| جزء | b |\n|---|---|\n| ج | d |\n"
    shown = html(mixed)
    for part in (
        '<p dir="auto">Hello', '<p dir="auto">سلم', 'dir="auto">שלום', '<ul dir="auto">', '<blockquote dir="auto">\n<p>',
        '<table dir="auto">',
    ):  # fmt: skip
        assert part in shown
    assert "dir=" not in html("Hello\n\n各种语言\n")


def test_what_is_struck_out_is_shown_so() -> None:
    assert html("~~old~~ new ~ ~~~") == "<p><s>old</s> new ~ ~~~</p>\n"


# ruff: noqa: E501
ATTACKS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))", "[x](java\nscript:alert(1))", "[x](&#106;avascript:alert(1))", "<javascript:alert(1)>",
    "![x](javascript:alert(1))", "[x](data:text/html,<script>alert(1)</script>)", "[x](vbscript:x)",
    '<a href="javascript:alert(1)">x</a>', "<iframe src=//evil></iframe>", "<form action=/save><input name=path></form>",
    "<style>*{display:none}</style>", '<p style="position:fixed">x</p>', "<base href=//evil>", "<meta http-equiv=refresh>",
    '<a id="main" name="x">x</a>', '<div class="top menu missing">x</div>', "<math><mi//xlink:href=javascript:x>",
    "```\"><script>alert(1)</script>\nx\n```", "```x\" onclick=\"alert(1)\nx\n```", '[x](/y "\\" onclick=\\"alert(1)")',
    "[[<script>alert(1)</script>]]", '[[a" onclick="alert(1)]]', "[^<script>]\n\n[^<script>]: x", "<!-- --!><script>x",
    "|<script>alert(1)</script>|\n|-|\n|\" onclick=x|", "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<textarea><script>alert(1)</script>", "<button formaction=javascript:x>x</button>", "<object data=x>", "<embed src=x>",
    "![\" onerror=\"alert(1)](x.png)", "<link rel=stylesheet href=//evil>", "<video src=x onerror=y>", "<x-y onclick=z>",
]  # fmt: skip
ELEMENTS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "blockquote",
        "br",
        "code",
        "div",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "img",
        "input",
        "kbd",
        "li",
        "ol",
        "p",
        "pre",
        "section",
        "small",
        "span",
        "strong",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)


class _Harmless(HTMLParser):
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ELEMENTS
        for name, value in attrs:
            assert not name.startswith("on")
            assert name not in ("style", "name", "action", "formaction")
            assert name != "href" or not (value or "").lower().strip().startswith(("javascript", "data", "vbscript"))
            assert name != "class" or not {"top", "menu", "missing"} & set((value or "").split())
            assert name != "id" or (value or "").startswith(("h-", "fn-", "fnref-"))
            assert tag != "input" or name in ("type", "disabled", "checked", "aria-label")


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_attacks_readers_is_made_harmless(attack: str) -> None:
    for source in (attack, f"> - {attack}", f"# {attack}", f"a {attack} b"):
        for name in ("Page", attack):
            pieces = format_page(name, source).pieces
            _Harmless().feed('<a href="/x">'.join(pieces[::2]))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from([*ATTACKS, "\n", "\n\n", " ", "`", "*", "[", "](", ">", "WikiWord", "[[a]]"])).map("".join)
)
def test_no_mixture_of_attacks_and_markdown_is_harmful(source: str) -> None:
    pieces = format_page("Page", source).pieces
    _Harmless().feed('<a href="/x">'.join(pieces[::2]))
    assert set(pieces[1::2]) <= set(links_in(source, 5))  # in an element that is dropped they are not shown


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["WikiWord", "[[x]]", "[^a]", "[^a]: ", "^[", "]", "`", "\n", "\n\n", "    ", "- ", "[l](", ")", "_", "*"]
        )
    )
)
def test_the_links_that_are_kept_are_those_that_are_shown(parts: list[str]) -> None:
    source = "".join(parts)
    assert set(format_page("Page", source).links) == set(links_in(source, 5))


def test_a_wiki_word_in_emphasis_is_a_link_that_is_kept() -> None:
    assert [*links_in("_WikiWord_", 1)] == ["WikiWord"] == [*format_page("Page", "_WikiWord_").links]


BLOW_UPS = {
    "brackets": "[" * 100_000, "images": "![" * 50_000, "links": "[a](" * 25_000, "emphasis": "*a_" * 30_000,
    "stars": "*" * 100_000, "quotes": ">" * 100_000, "nested quotes": "> " * 50_000, "backticks": "` `` " * 20_000,
    "lists": "- " * 50_000, "deep lists": "".join("  " * depth + "- a\n" for depth in range(400)),
    "footnotes": "[^a]" * 25_000, "inline footnotes": "^[" * 50_000, "titles": "[[" * 50_000, "halves": "[[a|" * 25_000,
    "words": "WikiWord" * 12_500, "word and digit": "Aa" * 50_000 + "1", "cells": "|a" * 30_000 + "\n" + "|-" * 30_000,
    "html": "<a " * 30_000, "comments": "<!--" * 25_000, "entities": "&" * 100_000, "urls": "https://" * 12_000,
    "nested elements": "<div>" * 20_000, "code": "```python\n" + "'" * 30_000 + "\n```", "parentheses": "(" * 100_000,
    "references": "".join(f"[{number}]: /x\n" for number in range(10_000)), "url ends": "http://a" + ")" * 100_000,
}  # fmt: skip


@pytest.mark.parametrize("kind", BLOW_UPS)
def test_no_page_takes_more_than_bounded_time(kind: str) -> None:
    began = time.thread_time()
    with suppress(TooMuchToFormat, RecursionError):
        format_page("Page", BLOW_UPS[kind], 1)
    assert time.thread_time() - began < 20
