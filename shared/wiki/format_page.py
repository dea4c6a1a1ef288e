"""Formatting a page: Markdown to harmless HTML, in which the links to pages are left open.

Whether a linked page exists changes without the page; so the result is pieces of HTML with names between them. All HTML
has gone through nh3 (a whitelist of elements and attributes), whatever the Markdown was.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from shared.wiki.highlight import CODE_CLASSES, Highlighting
from shared.wiki.markdown import WIKI_LINK, page_parser, tokens_of
from shared.wiki.name import attachment_path

_TAGS = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "del",
    "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i",
    "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp", "section", "small",
    "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "u", "ul",
    "var", "wbr",
})  # fmt: skip
_ATTRIBUTES: Mapping[str, set[str]] = {
    "*": {"class", "dir", "id", "lang", "title"},
    "a": {"href"},
    "img": {"alt", "height", "src", "width"},
    "li": {"value"},
    "ol": {"reversed", "start", "type"},
    "pre": {"tabindex"},
    "section": {"aria-label", "tabindex"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}
_SCHEMES = frozenset({"ftp", "gemini", "http", "https", "irc", "ircs", "mailto", "news", "nntp", "tel", "xmpp"})
_CLASS = re.compile(r"num|center|scroll|task|footnotes|footnote-ref|footnote-back|language-[\w+#.-]{1,30}")
_ID = re.compile(r"(?:h|fn|fnref)-[\w.:-]{1,100}")
_ALIGNED = {"text-align:right": "num", "text-align:center": "center"}
_NOT_IN_SLUG = re.compile(r"[^\w\- ]")
LONGEST_SLUG = 80


class Heading(NamedTuple):
    """A heading: its level from 1 to 6, its words, and the id that a link to it has behind `#`."""

    level: int
    text: str
    id: str


class Formatted(NamedTuple):
    """A page's HTML, of which pieces 0, 2, 4, … are as they are, and between them stand names of linked pages."""

    pieces: Sequence[str]
    headings: Sequence[Heading]
    is_formatted: bool = True

    @property
    def links(self) -> Sequence[str]:
        """The linked names, as often as they stand there."""
        return self.pieces[1::2]


def format_page(name: str, source: str, seconds: float = 10.0) -> Formatted:
    """`seconds` of the thread's processor time for its Markdown. Raises TooMuchToFormat."""
    formatting = _Formatting(name)
    tokens = tokens_of(_parser, source, seconds)
    headings = list(formatting.headings(tokens))
    html = formatting.render(tokens)
    return Formatted(formatting.pieces(html), headings)


class _Formatting:
    """One page. Its marks have a name that nobody can guess, so that no page forges them."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._mark = f"x{secrets.token_hex(12)}"
        self._links: list[str] = []
        self._highlighting = Highlighting()
        self._renderer = RendererHTML()
        rules: Mapping[str, Any] = {
            "link_open": self._link_open,
            "image": self._image,
            "fence": self._code,
            "code_block": self._code,
            "table_open": self._table,
            "table_close": lambda *_: "</table></section>\n",
            "th_open": self._cell,
            "td_open": self._cell,
            "list_item_open": self._item,
            "html_inline": self._raw,
            "html_block": self._raw,
            "footnote_ref": self._footnote_ref,
            "footnote_block_open": lambda *_: '<section class="footnotes" aria-label="Footnotes">\n<hr>\n<ol>\n',
            "footnote_block_close": lambda *_: "</ol>\n</section>\n",
            "footnote_open": lambda tokens, index, *_: f'<li id="fn-{tokens[index].meta["id"] + 1}">',
            "footnote_close": lambda *_: "</li>\n",
            "footnote_anchor": self._footnote_back,
        }
        self._renderer.rules.update(rules)

    def headings(self, tokens: Sequence[Token]) -> Iterable[Heading]:
        """The headings, each of which has its id from now on."""
        taken: dict[str, int] = {}
        for number, token in enumerate(tokens):
            if token.type == "heading_open":
                text = _plain(tokens[number + 1].children or ())
                slug = _slug(text)
                taken[slug] = taken.get(slug, 0) + 1
                heading_id = f"h-{slug}" if taken[slug] == 1 else f"h-{slug}-{taken[slug]}"
                token.attrs = {"id": heading_id}
                yield Heading(int(token.tag[1:]), text, heading_id)

    def render(self, tokens: Sequence[Token]) -> str:
        """The HTML, made harmless."""
        env: dict[str, Any] = {}
        if any(_RIGHT_TO_LEFT.search(token.content) for token in tokens if token.type == "inline"):
            _with_own_directions(tokens)
        html = str(self._renderer.render(tokens, _parser.options, env))
        return nh3.clean(
            html,
            tags=set(_TAGS),
            attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
            attribute_filter=self._attribute,
            url_schemes=set(_SCHEMES),
            link_rel="nofollow noopener",
            strip_comments=True,
        )

    def pieces(self, html: str) -> Sequence[str]:
        """The HTML divided at the links to pages; check boxes are put in."""
        html = re.sub(
            rf'<bdi class="{self._mark}b([01])"></bdi>',
            lambda found: (
                f'<input type="checkbox" disabled{" checked" if found[1] == "1" else ""} '
                f'aria-label="{"Done" if found[1] == "1" else "Open"}">'
            ),
            html,
        )
        pieces = re.split(rf'<a class="{self._mark}l(\d+)"[^>]*>', html)
        pieces[1::2] = [self._links[int(number)] for number in pieces[1::2]]
        return pieces

    def _attribute(self, tag: str, attribute: str, value: str) -> str | None:
        if attribute == "class":
            words = [word for word in value.split() if self._is_class(tag, word)]
            return " ".join(words) or None
        if attribute == "id":
            return value if _ID.fullmatch(value) else None
        if tag == "img" and attribute == "src":
            parts = urlsplit(value)
            return None if parts.scheme or parts.netloc or value.startswith(("//", "\\")) else value
        if attribute == "tabindex":
            return value if value == "0" else None
        return value

    def _is_class(self, tag: str, word: str) -> bool:
        """The site's own classes are not for pages, which could look like something else with them."""
        if word.startswith(self._mark):
            return True
        return word in CODE_CLASSES if tag == "span" else bool(_CLASS.fullmatch(word))

    def _link_open(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        token = tokens[index]
        name = token.meta.get(WIKI_LINK)
        if name is None:
            href = str(token.attrs.get("href", ""))
            if self._is_file(href):
                token.attrs["href"] = attachment_path(self._name, unquote(href))
            return str(self._renderer.renderToken(tokens, index, options, env))
        self._links.append(name)
        return f'<a class="{self._mark}l{len(self._links) - 1}">'

    def _image(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        """An image of this site is shown; one from elsewhere is a link, so that it sees no readers."""
        token = tokens[index]
        src, alt = str(token.attrs.get("src", "")), _plain(token.children or ())
        parts = _parts(src)
        if parts is None or parts.scheme or parts.netloc or src.startswith(("//", "\\")):
            return f'<a href="{_escaped(src)}">{_escaped(alt or src)}</a>'
        if self._is_file(src):
            src = attachment_path(self._name, unquote(src))
        title = str(token.attrs.get("title", ""))
        return f'<img src="{_escaped(src)}" alt="{_escaped(alt)}" title="{_escaped(title)}">'.replace(' title=""', "")

    def _is_file(self, address: str) -> bool:
        """Whether it is a bare file name, `plan.pdf`: that of an attachment of this page."""
        return bool(_FILE.fullmatch(address))

    def _code(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        token = tokens[index]
        words = token.info.split(maxsplit=1)
        language = words[0] if words else ""
        code = self._highlighting.html(token.content, language)
        named = f' class="language-{_escaped(language)}"' if language else ""
        return f'<pre tabindex="0"><code{named}>{code}</code></pre>\n'

    def _cell(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        token = tokens[index]
        aligned = _ALIGNED.get(str(token.attrs.get("style", "")))
        scope = ' scope="col"' if token.tag == "th" else ""
        return f"<{token.tag}{scope}" + (f' class="{aligned}">' if aligned else ">")

    def _table(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        own = ' dir="auto"' if "dir" in tokens[index].attrs else ""
        return f'<section class="scroll" aria-label="Table" tabindex="0"><table{own}>\n'

    def _item(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        is_task = "task-list-item" in str(tokens[index].attrs.get("class", ""))
        return '<li class="task">' if is_task else "<li>"

    def _raw(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        """Raw HTML; nh3 comes later. The plugin's check boxes are raw, too."""
        content = tokens[index].content
        if content.startswith('<input class="task-list-item-checkbox"'):
            return f'<bdi class="{self._mark}b{int("checked" in content)}"></bdi>'
        return content

    def _footnote_ref(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        number, again = tokens[index].meta["id"] + 1, tokens[index].meta.get("subId", 0)
        ref = f"fnref-{number}" + (f":{again}" if again else "")
        return f'<sup class="footnote-ref"><a href="#fn-{number}" id="{ref}">{number}</a></sup>'

    def _footnote_back(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        number, again = tokens[index].meta["id"] + 1, tokens[index].meta.get("subId", 0)
        ref = f"fnref-{number}" + (f":{again}" if again else "")
        return f' <a href="#{ref}" class="footnote-back" title="Back to the text">↩</a>'


_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
_BLOCKS = frozenset({
    "paragraph_open", "heading_open", "bullet_list_open", "ordered_list_open", "blockquote_open", "table_open",
})  # fmt: skip
_FILE = re.compile(r"(?!mailto:)[^\s/?#:\\]{1,600}\.[A-Za-z0-9]{1,10}")
_parser: MarkdownIt = page_parser()


def _with_own_directions(tokens: Sequence[Token]) -> None:
    """Each block is read from its own side, as pages mix scripts; what is inside a list or a quote goes with it."""
    for token in tokens:
        if token.level == 0 and token.type in _BLOCKS:
            token.attrs["dir"] = "auto"


def _parts(address: str) -> Any:
    try:
        return urlsplit(address)
    except ValueError:
        return None


def _plain(tokens: Sequence[Token]) -> str:
    words: list[str] = []
    for token in tokens:
        if token.type in ("text", "code_inline"):
            words.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            words.append(" ")
        elif token.children:
            words.append(_plain(token.children))
    return "".join(words).strip()


def _slug(text: str) -> str:
    text = unicodedata.normalize("NFC", text).lower()
    return _NOT_IN_SLUG.sub("", text).strip().replace(" ", "-")[:LONGEST_SLUG] or "section"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
