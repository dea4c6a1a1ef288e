"""The Markdown of pages: CommonMark with tables, footnotes and task lists, and with links to pages.

Two or more words that are written together (WikiWord) link to the page of that name, outside code, links and URLs;
so does [[Any Title]], or [[Any Title|other words]]. A bare URL is a link, too.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from shared.wiki.errors import BadPageName, TooMuchToFormat
from shared.wiki.name import MOST_CHARACTERS, check_new_name

WIKI_WORD = r"\b(?:[A-Z][a-z]+){2,}\b"
_URL = r"https?://[^\s<>\"`\\]+"
_IN_TEXT = re.compile(f"({_URL})|({WIKI_WORD})")
_TITLE = re.compile(rf"\[\[([^\[\]|\n]{{1,{MOST_CHARACTERS * 2}}})(?:\|([^\[\]\n]{{1,500}}))?\]\]")
_AFTER_URL = ".,:;!?'*_~"  # at its end they belong to the sentence
_IN_WIKI_WORDS = re.compile("[A-Z][a-z]+[A-Z][a-z]")  # each of them has it

_TASK = re.compile(r"\[[ xX]\]")  # the plugin of task lists looks into the text behind it

WIKI_LINK = "wiki"  # in `meta` of a link to a page: its name
_DEADLINE = "deadline"  # in `env`: of the thread's own processor time
_STEPS = "steps"  # in `env`: blocks and inline elements that were begun
STEPS_BETWEEN_LOOKS = 32  # at the clock, which is a system call


def page_parser() -> MarkdownIt:
    """A parser of pages. It raises TooMuchToFormat after the time that tokens_of() and links_in() give it."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"]).use(footnote_plugin).use(tasklists_plugin)
    parser.inline.ruler.before("text", "deadline", _deadline)
    parser.block.ruler.before("table", "deadline", _block_deadline)
    parser.inline.ruler.before("link", "title", _title)
    parser.core.ruler.push("wiki_words", _wiki_words)
    return parser


def _links_only(parser: MarkdownIt) -> MarkdownIt:
    parser.core.ruler.at("inline", _inline_where_links_are)
    return parser


def tokens_of(parser: MarkdownIt, source: str, seconds: float) -> Sequence[Token]:
    """The tokens of a page. Raises TooMuchToFormat after so many seconds of the thread's processor time."""
    return parser.parse(source, {_DEADLINE: time.thread_time() + seconds})


def links_in(source: str, seconds: float) -> Sequence[str]:
    """The names of the pages that `source` links to, each once, in order. Raises TooMuchToFormat."""
    if not _may_link(source):
        return ()
    return tuple(dict.fromkeys(_links_of(tokens_of(_links_parser, source, seconds))))


def _may_link(text: str) -> bool:
    """Whether there may be links to pages, or footnotes, in a text; where this is false there are none."""
    return "[[" in text or "[^" in text or "^[" in text or _IN_WIKI_WORDS.search(text) is not None


def _links_of(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.children:
            yield from _links_of(token.children)
        if WIKI_LINK in token.meta:
            yield token.meta[WIKI_LINK]


def _deadline(state: StateInline, silent: bool) -> bool:
    _check(state.env)
    return False


def _block_deadline(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    _check(state.env)
    return False


def _check(env: Any) -> None:
    env[_STEPS] = steps = env.get(_STEPS, 0) + 1
    if steps % STEPS_BETWEEN_LOOKS == 0 and time.thread_time() > env.get(_DEADLINE, float("inf")):
        raise TooMuchToFormat


def _inline_where_links_are(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "inline":
            token.children = []
            if _may_link(token.content) or _TASK.match(token.content):
                state.md.inline.parse(token.content, state.md, state.env, token.children)


def _title(state: StateInline, silent: bool) -> bool:
    """[[Any Title]]; not inside another link."""
    if not state.src.startswith("[[", state.pos) or state.linkLevel > 0:
        return False
    found = _TITLE.match(state.src, state.pos)
    if found is None or found.end() > state.posMax:
        return False
    try:
        name = check_new_name(found[1].strip())
    except BadPageName:
        return False
    if not silent:
        state.push("link_open", "a", 1).meta[WIKI_LINK] = name
        state.push("text", "", 0).content = (found[2] or found[1]).strip()
        state.push("link_close", "a", -1)
    state.pos = found.end()
    return True


def _wiki_words(state: StateCore) -> None:
    for block in state.tokens:
        if block.type == "inline" and block.children:
            block.children = list(_with_links(block.children))


def _with_links(tokens: Sequence[Token]) -> Iterator[Token]:
    inside = 0  # a link, one of raw HTML counted
    for token in tokens:
        if token.type in ("link_open", "link_close"):
            inside += token.nesting
        elif token.type == "html_inline":
            tag = token.content[:3].lower()
            inside += 1 if tag in ("<a ", "<a>") else -1 if tag == "</a" and inside else 0
        if token.type == "text" and not inside:
            yield from _divided(token)
        else:
            yield token


def _divided(token: Token) -> Iterator[Token]:
    text, at = token.content, 0
    for found in _IN_TEXT.finditer(text):
        url, word = found[1], found[2]
        end = found.end()
        opening = Token("link_open", "a", 1)
        if url:
            url = _trimmed(url)
            end = found.start() + len(url)
            opening.attrs = {"href": url}
        else:
            opening.meta = {WIKI_LINK: word}
        yield from _text(text[at : found.start()], token.level)
        yield opening
        yield from _text(url or word, token.level + 1)
        yield Token("link_close", "a", -1)
        at = end
    yield from _text(text[at:], token.level)


def _trimmed(url: str) -> str:
    url = url.rstrip(_AFTER_URL)
    closings = url.count(")") - url.count("(")  # of parentheses that were opened before the URL
    while closings > 0 and url.endswith(")"):
        url, closings = url[:-1], closings - 1
    return url.rstrip(_AFTER_URL)


def _text(content: str, level: int) -> Iterator[Token]:
    if content:
        yield Token("text", "", 0, content=content, level=level)


_links_parser = _links_only(page_parser())
